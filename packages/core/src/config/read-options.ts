import type { z } from 'zod';
import { adaptToSchema } from './adapt-to-schema';
import { expectation, foundText, listedValues } from './expectation';
import type { Faults } from './faults';
import { suggestion } from './nearest';
import { isSecretName } from './redact';
import { formsOf, isNamedForm, keysOf, schemaAt } from './schema-walk';

/**
 * Reads a value by a strict schema; what is wrong goes to the faults, with its path below `where`.
 *
 * @param others keys of the same object that belong to another reader, to be suggested for misspelled ones
 */
export function readOptions<T>(
  schema: z.ZodType<T>,
  value: unknown,
  where: string,
  faults: Faults,
  others: readonly string[] = [],
): T | undefined {
  const adapted = faults.origin === undefined ? value : adaptToSchema(schema, value, where, faults.origin);
  const result = schema.safeParse(adapted);
  if (result.success) return result.data;
  const reader: Reader = { schema, value: adapted, where, faults, others };
  for (const issue of result.error.issues) tell(issue, [], reader);
  return undefined;
}

interface Reader {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly where: string;
  readonly faults: Faults;
  readonly others: readonly string[];
}

function tell(issue: z.core.$ZodIssue, above: readonly string[], reader: Reader): void {
  const { faults } = reader;
  const path = [...above, ...issue.path.map(String)];
  const place = [reader.where, ...path].filter((step) => step !== '').join('.');
  const schema = schemaAt(reader.schema, path);
  if (faults.tells(place)) return;
  if (issue.code === 'unrecognized_keys') {
    const known = [...(schema === undefined ? [] : keysOf(schema)), ...(path.length === 0 ? reader.others : [])];
    for (const key of issue.keys)
      faults.add(place === '' ? key : `${place}.${key}`, 'there is no such key', suggestion(key, known));
    return;
  }
  const inner = issue.code === 'invalid_union' ? issue.errors.find((branch) => branch.every(liesBelow)) : undefined;
  if (inner !== undefined && inner.length > 0) {
    for (const each of inner) tell(each, path, reader);
    return;
  }
  const found = path.reduce<unknown>(
    (value, step) => (value as Record<string, unknown> | null | undefined)?.[step],
    reader.value,
  );
  const name = place === '' ? 'the top level' : place;
  if (schema === undefined || saysItself(issue, schema))
    faults.add(name, issue.message.replace(/\.$/, ''), 'See the reference page of the key');
  else tellWrongValue(name, found, schema, faults);
}

function tellWrongValue(place: string, found: unknown, schema: z.ZodType, faults: Faults): void {
  const expected = `Expected: ${expectation(schema)}`;
  if (found === undefined) {
    faults.add(place, 'it is missing', expected);
    return;
  }
  const listed = listedValues(schema).filter((value) => typeof value === 'string');
  const isShown =
    !place.split('.').some(isSecretName) &&
    (typeof found === 'number' || listed.length > 0 || formsOf(schema).some(isNamedForm));
  const near = typeof found === 'string' && listed.length > 0 ? suggestion(found, listed) : '';
  faults.add(place, `found ${foundText(found, isShown)}`, near.startsWith('Did') ? `${near} ${expected}` : expected);
}

/** A branch that takes the kind of value: what is wrong lies deeper, so it is what the author meant. */
function liesBelow(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys';
}

/** Rules of a schema's author, and formats such as URLs: their own sentence says more than the type. */
function saysItself(issue: z.core.$ZodIssue, schema: z.ZodType): boolean {
  return issue.code === 'custom'
    ? !formsOf(schema).some(isNamedForm)
    : issue.code === 'invalid_format' || issue.code === 'invalid_key';
}
