import type { z } from 'zod';
import type { Faults } from './faults';
import { suggestion } from './nearest';

/** Reads a value by a strict schema; what is wrong goes to the faults, with its path below `where`. */
export function readOptions<T>(schema: z.ZodType<T>, value: unknown, where: string, faults: Faults): T | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) tell(issue, where, faults, schema);
  return undefined;
}

function tell(issue: z.core.$ZodIssue, where: string, faults: Faults, schema: z.ZodType): void {
  const path = [where, ...issue.path.map(String)].filter((step) => step !== '').join('.');
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path.map(String));
    for (const key of issue.keys) faults.add(path === '' ? key : `${path}.${key}`, 'there is no such key', suggestion(key, known));
    return;
  }
  if (issue.code === 'invalid_value') {
    faults.add(path, `the value is not allowed`, `Allowed: ${issue.values.map(String).join(', ')}`);
    return;
  }
  faults.add(path, issue.message.replace(/\.$/, ''), 'See docs/configuration.md');
}

interface SchemaDefinition {
  readonly shape?: Record<string, z.ZodType>;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
}

/** The keys a strict object at the path would take. */
function keysAt(schema: z.ZodType, path: readonly string[]): string[] {
  const definition = (schema as unknown as { readonly def: SchemaDefinition }).def;
  if (definition.innerType !== undefined) return keysAt(definition.innerType, path);
  if (definition.options !== undefined) return definition.options.flatMap((option) => keysAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(definition.shape ?? {});
  const next = definition.shape?.[step] ?? definition.valueType;
  return next === undefined ? [] : keysAt(next, rest);
}
