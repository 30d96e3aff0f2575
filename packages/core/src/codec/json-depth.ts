/** Deepest nesting of lists and objects that is written and read. What builds and checks payloads calls itself at each level. */
export const MAX_JSON_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * Whether JSON is nested deeper than {@link MAX_JSON_DEPTH}, without parsing it. Bytes that are no JSON get some answer: the
 * parser refuses them. What is opened has to be closed, so short bodies cannot be nested so deep.
 */
export function isTooDeep(bytes: Uint8Array): boolean {
  return bytes.length > 2 * MAX_JSON_DEPTH && mayBeTooDeep(bytes) && isReallyTooDeep(bytes);
}

/** Most messages have fewer brackets in all than may be nested, and need no closer look. The search of the engine is the fastest. */
function mayBeTooDeep(bytes: Uint8Array): boolean {
  let openings = 0;
  for (const bracket of [OBJECT, LIST]) {
    for (let at = bytes.indexOf(bracket); at !== -1; at = bytes.indexOf(bracket, at + 1)) {
      openings += 1;
      if (openings > MAX_JSON_DEPTH) return true;
    }
  }
  return false;
}

function isReallyTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    switch (bytes[index]) {
      case OBJECT:
      case LIST:
        depth += 1;
        if (depth > MAX_JSON_DEPTH) return true;
        break;
      case OBJECT_END:
      case LIST_END:
        depth -= 1;
        break;
      case QUOTE:
        index = endOfText(bytes, index);
    }
  }
  return false;
}

/** Place of the quote that ends a text, or the end of all. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let index = start + 1; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte === QUOTE) return index;
    if (byte === BACKSLASH) index += 1;
  }
  return bytes.length;
}
