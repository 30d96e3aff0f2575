/** Deepest nesting of lists and objects that is written and read. What builds and checks payloads calls itself at each level. */
export const MAX_JSON_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LIST = 0x5b;
const LIST_END = 0x5d;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;

/**
 * Whether JSON is nested deeper than {@link MAX_JSON_DEPTH}, without parsing it. Text that is no JSON gets some answer: the
 * parser refuses it. What is opened has to be closed, so short texts cannot be nested so deep.
 */
export function isTooDeep(text: string): boolean {
  return text.length > 2 * MAX_JSON_DEPTH && mayBeTooDeep(text) && isReallyTooDeep(text);
}

/** Most messages have fewer brackets in all than may be nested, and need no closer look. The search of the engine is the fastest. */
function mayBeTooDeep(text: string): boolean {
  let openings = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      openings += 1;
      if (openings > MAX_JSON_DEPTH) return true;
    }
  }
  return false;
}

function isReallyTooDeep(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
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
        index = endOfText(text, index);
    }
  }
  return false;
}

/** Place of the quote that ends a text, or the end of all. */
function endOfText(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index;
    if (code === BACKSLASH) index += 1;
  }
  return text.length;
}
