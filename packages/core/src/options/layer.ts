import { z } from 'zod';

/**
 * The same strict object without its defaults, everything optional: one layer among several (decorator, configuration,
 * environment). Layers are merged first; the full schema then fills in what no layer named. Reading a value twice changes
 * nothing: a duration read once is a number of milliseconds, which is a duration.
 */
export function layer<S extends z.ZodRawShape>(schema: z.ZodObject<S>): z.ZodType<z.input<z.ZodObject<S>>> {
  const shape = Object.fromEntries(
    Object.entries(schema.shape).map(([name, field]) => [name, withoutDefault(field as z.ZodType).optional()]),
  );
  const bare = z.strictObject(shape);
  const described = schema.description === undefined ? bare : bare.describe(schema.description);
  return described as unknown as z.ZodType<z.input<z.ZodObject<S>>>;
}

function bareForm(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) return layer(schema);
  if (!(schema instanceof z.ZodUnion)) return schema;
  return z.union((schema.options as z.ZodType[]).map(bareForm));
}

function withoutDefault(field: z.ZodType): z.ZodType {
  const description = field.description;
  let inner = field;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional)
    inner = inner.unwrap() as z.ZodType;
  const bare = bareForm(inner);
  return description === undefined ? bare : bare.describe(description);
}
