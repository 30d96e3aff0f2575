import type { z } from 'zod';

/** What is read of a zod schema, whatever its kind: its definition is public, but typed for each kind apart. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly defaultValue?: unknown;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
}

export function definitionOf(schema: z.ZodType): Definition {
  return (schema as unknown as { readonly def: Definition }).def;
}

/** The schemas a value is held against: without defaults and transformations, and each form of a union apart. */
export function formsOf(schema: z.ZodType): z.ZodType[] {
  const { type, innerType, options, in: input, out } = definitionOf(schema);
  if (isNamedForm(schema)) return [schema];
  if (type === 'pipe' && input !== undefined && out !== undefined)
    return formsOf(definitionOf(input).type === 'transform' ? out : input);
  if (innerType !== undefined) return formsOf(innerType);
  return options === undefined ? [schema] : options.flatMap(formsOf);
}

/** A form with a spelling of its own, such as a duration: its title says more than the types it is spelled with. */
export function isNamedForm(schema: z.ZodType): boolean {
  return definitionOf(schema).type === 'pipe' && schema.meta()?.title !== undefined;
}

/** The keys that the schema names. */
export function keysOf(schema: z.ZodType): string[] {
  return [...new Set(formsOf(schema).flatMap((form) => Object.keys(definitionOf(form).shape ?? {})))];
}

/** Whether keys may stand there that the schema does not name. */
export function takesAnyKey(schema: z.ZodType): boolean {
  return formsOf(schema).some((form) => {
    const { type, catchall } = definitionOf(form);
    return (
      ['record', 'unknown', 'any'].includes(type) || (catchall !== undefined && definitionOf(catchall).type !== 'never')
    );
  });
}

/** The schema of a key or list item; `undefined` where none may be. */
export function schemaBelow(schema: z.ZodType, step: string): z.ZodType | undefined {
  for (const form of formsOf(schema)) {
    const { type, shape, valueType, element, catchall } = definitionOf(form);
    const below =
      shape?.[step] ?? valueType ?? element ?? catchall ?? (type === 'unknown' || type === 'any' ? form : undefined);
    if (below !== undefined) return below;
  }
  return undefined;
}

export function schemaAt(schema: z.ZodType, path: readonly string[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((above, step) => above && schemaBelow(above, step), schema);
}
