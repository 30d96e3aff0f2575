/** Above this the engine's own search is faster. */
const SHORT = 64;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_SURROGATE = 0xd800;

/** `JSON.stringify` of a text. */
export function quoted(text: string): string {
  const { length } = text;
  if (length > SHORT) return JSON.stringify(text);
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < SPACE || code === QUOTE || code === BACKSLASH || code >= FIRST_SURROGATE) return JSON.stringify(text);
  }
  return `"${text}"`;
}

/** `JSON.stringify` of a number. */
export function numeral(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}
