import type { z } from 'zod';
import { definitionOf, formsOf, isNamedForm } from './schema-walk';

/** What a schema takes, in words: `a whole number of at least 1`, `'on', 'discard' or an object`. */
export function expectation(schema: z.ZodType): string {
  const words = [...new Set(formsOf(schema).flatMap(wordsOf))];
  const last = words.pop();
  if (last === undefined) return 'nothing';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

/** The values a schema lists by name, if it does: those of enumerations and literals. */
export function listedValues(schema: z.ZodType): unknown[] {
  return formsOf(schema).flatMap((form) => {
    const { values, entries } = definitionOf(form);
    return values ?? Object.values(entries ?? {});
  });
}

/** `text 'four'`, `the number 0`, `a list`; text only where it may be shown, for it may be a secret. */
export function foundText(value: unknown, mayShow: boolean): string {
  if (value === null) return 'no value';
  if (value === '') return 'empty text';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'string') return mayShow ? `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'` : 'text';
  if (typeof value === 'number' || typeof value === 'bigint') return mayShow ? `${value}` : 'a number';
  if (typeof value === 'boolean') return mayShow ? `${value}` : 'true or false';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function wordsOf(form: z.ZodType): string[] {
  const { type, element, values, entries } = definitionOf(form);
  const { title, examples } = (form.meta() ?? {}) as {
    readonly title?: string;
    readonly examples?: readonly unknown[];
  };
  if (isNamedForm(form))
    return [`a ${title}${examples === undefined ? '' : ` such as ${examples.map(quoted).join(', ')}`}`];
  if (values !== undefined) return values.map(quoted);
  if (entries !== undefined) return Object.values(entries).map(quoted);
  if (type === 'array') return [listWords(form, element)];
  if (type === 'number') return [numberWords(form)];
  if (type === 'string')
    return [checksOf(form).some(({ check }) => check === 'min_length') ? 'text that is not empty' : 'text'];
  if (type === 'boolean') return ['true', 'false'];
  if (type === 'object' || type === 'record') return ['an object'];
  // What only code can write, such as a class, helps nobody who mends a file.
  if (type === 'custom') return [];
  if (type === 'unknown' || type === 'any') return ['any value'];
  return [`a ${type}`];
}

/** What a check such as `min(1)` says of itself. */
interface Check {
  readonly check: string;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly minimum?: number;
}

function checksOf(form: z.ZodType): Check[] {
  const { checks = [] } = (
    form as unknown as { readonly def: { readonly checks?: readonly { readonly _zod: { readonly def: Check } }[] } }
  ).def;
  return checks.map((check) => check._zod.def);
}

function numberWords(form: z.ZodType): string {
  const limits = checksOf(form).flatMap(({ check, value, inclusive }) => {
    if (check === 'greater_than') return [`${inclusive ? 'at least' : 'above'} ${value}`];
    return check === 'less_than' ? [`${inclusive ? 'at most' : 'below'} ${value}`] : [];
  });
  const noun = (form as unknown as z.ZodNumber).isInt ? 'a whole number' : 'a number';
  return limits.length === 0 ? noun : `${noun}, ${limits.join(' and ')}`;
}

function listWords(form: z.ZodType, element: z.ZodType | undefined): string {
  const [atLeast] = checksOf(form).flatMap(({ check, minimum }) => (check === 'min_length' ? [minimum] : []));
  const size = atLeast === undefined ? 'a list' : `a list of at least ${atLeast}`;
  return element === undefined ? size : `${size} (each: ${expectation(element)})`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
