import { MillraceError } from '../errors/millrace-error';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth';
import { readUtf8 } from './utf8';

/** Stands between what the parser says and what it quotes. */
const BETWEEN = '., \n';

/**
 * Parses a JSON body. A `__proto__` key is refused, and so is what is nested too deep, before it is parsed. With `dropConstructor`, keys named `constructor` are left out: where a
 * class is built they could only do harm.
 *
 * @throws MillraceError PAYLOAD_UNDECODABLE
 */
export function parseJson(bytes: Uint8Array, where: string, dropConstructor: boolean): unknown {
  if (bytes.byteLength === 0) throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is empty`);
  const text = withoutMark(readUtf8(bytes, where));
  if (isTooDeep(text))
    throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is nested more than ${MAX_JSON_DEPTH} deep`);
  try {
    return maySpellTraps(text) ? JSON.parse(text, dropConstructor ? withoutTraps : withoutProto) : JSON.parse(text);
  } catch (cause) {
    if (MillraceError.is(cause)) throw cause;
    // Without a cause: its message quotes the body, and would bring it into the log.
    throw new MillraceError('PAYLOAD_UNDECODABLE', `${where}, but the body is not JSON: ${unquoting(cause as Error)}`);
  }
}

/** What the parser says, without the piece of the text that it quotes: bodies stay out of logs. */
function unquoting({ message }: Error): string {
  let end = message.indexOf('"');
  if (end === -1) return message;
  while (end > 0 && BETWEEN.includes(message.charAt(end - 1))) end -= 1;
  return end === 0 ? 'it is no value of JSON' : message.slice(0, end);
}

/** Without the byte order mark some senders put in front, which RFC 8259 lets a reader ignore. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** A plain look at the text is far cheaper than a reviver on every message; escapes are let through to the exact check. */
function maySpellTraps(text: string): boolean {
  return text.includes('__proto__') || text.includes('"constructor"') || text.includes('\\u00');
}

function withoutProto(key: string, value: unknown): unknown {
  if (key === '__proto__')
    throw new MillraceError('PAYLOAD_UNDECODABLE', "the JSON has a '__proto__' key, which is never accepted");
  return value;
}

function withoutTraps(key: string, value: unknown): unknown {
  return key === 'constructor' ? undefined : withoutProto(key, value);
}
