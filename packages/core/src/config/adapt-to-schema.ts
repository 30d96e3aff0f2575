import type { z } from 'zod';
import { isPlainObject } from './merge-options';
import type { Origin } from './origin';
import { plainName } from './plain-name';
import { keysOf, schemaAt } from './schema-walk';
import { readingsOf } from './text-value';

/**
 * Makes what came as text from the environment fit the schema, which is not known before a binder is found: names are spelled
 * as the schema spells them, and text that was read as a number stays text where the schema wants that (a password of digits).
 */
export function adaptToSchema(schema: z.ZodType, value: unknown, where: string, origin: Origin): unknown {
  let adapted = value;
  for (
    let renamed = rename(schema, adapted, where, origin);
    renamed !== undefined;
    renamed = rename(schema, adapted, where, origin)
  )
    adapted = renamed;
  const issues = schema.safeParse(adapted).error?.issues ?? [];
  for (const path of issues.flatMap((issue) => leavesOf(issue, [])))
    adapted = reread(schema, adapted, path, origin.textOf(joined(where, path)));
  return adapted;
}

/** The value with one misspelled group of names put right; `undefined` when there is none. */
function rename(schema: z.ZodType, value: unknown, where: string, origin: Origin): unknown {
  for (const issue of schema.safeParse(value).error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = issue.path.map(String);
    const known = schemaAt(schema, path);
    for (const key of known === undefined ? [] : issue.keys) {
      const name = keysOf(known as z.ZodType).find((candidate) => plainName(candidate) === plainName(key));
      if (name === undefined || origin.variableOf(joined(where, [...path, key])) === undefined) continue;
      return changed(value, path, (found) => {
        const { [key]: moved, ...rest } = found as Record<string, unknown>;
        return { ...rest, [name]: moved };
      });
    }
  }
  return undefined;
}

/** Takes the first other reading of the text with which less is wrong. */
function reread(schema: z.ZodType, value: unknown, path: readonly string[], text: string | undefined): unknown {
  if (text === undefined) return value;
  const before = schema.safeParse(value).error?.issues.length ?? 0;
  for (const reading of readingsOf(text)) {
    const trial = changed(value, path, () => reading);
    if ((schema.safeParse(trial).error?.issues.length ?? 0) < before) return trial;
  }
  return value;
}

/** The paths an issue may be about; a union tells of each of its branches. */
function leavesOf(issue: z.core.$ZodIssue, above: readonly string[]): string[][] {
  const path = [...above, ...issue.path.map(String)];
  return issue.code === 'invalid_union'
    ? [path, ...issue.errors.flat().flatMap((inner) => leavesOf(inner, path))]
    : [path];
}

/** A copy in which the value at the path is another one; what is not plain data is kept as it is. */
function changed(value: unknown, [step, ...rest]: readonly string[], change: (found: unknown) => unknown): unknown {
  if (step === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === step ? changed(item, rest, change) : item));
  if (!isPlainObject(value)) return value;
  return { ...value, [step]: changed((value as Record<string, unknown>)[step], rest, change) };
}

function joined(where: string, path: readonly string[]): string {
  return [where, ...path].filter((step) => step !== '').join('.');
}
