import { z } from 'zod';
import { isNamedForm } from './schema-walk';

/** Files may have a variable wherever a scalar is wanted. */
const variable = '\\$\\{.+\\}';
const durationText = `^\\d+(\\.\\d+)?(ms|s|m|h|d)$`;

/** JSON Schema of what an author writes, for completion and checks in editors. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const { type } = jsonSchema;
      if (isNamedForm(zodSchema as unknown as z.ZodType)) {
        delete jsonSchema.anyOf;
        Object.assign(jsonSchema, { type: ['number', 'string'], minimum: 0, pattern: `${durationText}|${variable}` });
      } else if (type === 'number' || type === 'integer' || type === 'boolean') {
        Object.assign(jsonSchema, { type: [type, 'string'], pattern: variable });
      }
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
}
