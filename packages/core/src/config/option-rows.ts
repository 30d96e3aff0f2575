import type { z } from 'zod';
import { expectation } from './expectation';
import { definitionOf, formsOf } from './schema-walk';

/** A line of a reference page. */
export interface OptionRow {
  /** Path from the top of the group: `retry.backOff.max`. */
  readonly key: string;
  /** What it takes, in the words of the faults. */
  readonly takes: string;
  readonly fallback: unknown;
  readonly isRequired: boolean;
  readonly meaning: string;
}

/** The keys of an options group and of the objects in it, in the order of the schema. */
export function optionRows(schema: z.ZodType, above = ''): OptionRow[] {
  return formsOf(schema).flatMap((form) =>
    Object.entries(definitionOf(form).shape ?? {}).flatMap(([name, field]) => {
      const key = `${above}${name}`;
      const row: OptionRow = {
        key,
        takes: expectation(field),
        fallback: fallbackOf(field),
        isRequired: !field.isOptional() && fallbackOf(field) === undefined,
        meaning: meaningOf(field),
      };
      return [row, ...optionRows(field, `${key}.`)];
    }),
  );
}

function fallbackOf(field: z.ZodType): unknown {
  const { innerType, defaultValue } = definitionOf(field);
  return defaultValue ?? (innerType === undefined ? undefined : fallbackOf(innerType));
}

/** A default may be written around what is described. */
function meaningOf(field: z.ZodType): string {
  const { innerType } = definitionOf(field);
  return field.description ?? (innerType === undefined ? '' : meaningOf(innerType));
}
