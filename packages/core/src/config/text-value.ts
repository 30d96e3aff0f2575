import { parseDocument } from 'yaml';

/**
 * Reads text of the environment as YAML would: numbers, `true` and `false`, lists `[a, b]`. Anything else stays the text it is.
 */
export function textValue(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
  if (document.errors.length > 0 || document.warnings.length > 0) return text;
  const value: unknown = document.toJS();
  const isTaken = typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value);
  return isTaken && !(typeof value === 'number' && !Number.isFinite(value)) ? value : text;
}

/** What the text may mean, the likeliest first: a value, the text itself, a list written with commas. */
export function readingsOf(text: string): unknown[] {
  return [textValue(text), text, text.split(',').map((item) => item.trim())];
}
