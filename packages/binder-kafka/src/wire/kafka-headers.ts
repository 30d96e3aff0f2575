import {
  deadLetterHeaderNames,
  type HeaderValue,
  headerNames,
  isTooDeep,
  type MessageHeaders,
  textOf,
} from '@millrace/core/spi';
import type { HeaderMode } from '../kafka-options';
import type { HeaderToSend, RawHeader, RawHeaders } from '../kafka-port';

/** Spring Cloud Stream's list of the headers that are not plain bytes: a JSON object of names and Java classes. */
export const TYPES_HEADER = 'spring_json_header_types';

/** Written raw and not listed, as Spring writes them: other tracers read them. */
const untyped: ReadonlySet<string> = new Set([
  headerNames.traceparent,
  headerNames.tracestate,
  headerNames.baggage,
  'b3',
  'X-B3-TraceId',
  'X-B3-SpanId',
  'X-B3-ParentSpanId',
  'X-B3-Sampled',
  'X-B3-Flags',
]);

/** Numbers of a dead letter as Spring Cloud Stream writes them, big-endian. Positions may be wider than a number: text. */
const binary: Readonly<Record<string, (bytes: Buffer) => HeaderValue>> = {
  [deadLetterHeaderNames.originalPartition]: (bytes) => (bytes.length === 4 ? bytes.readInt32BE() : bytes),
  [deadLetterHeaderNames.originalPosition]: (bytes) => (bytes.length === 8 ? String(bytes.readBigInt64BE()) : bytes),
  [deadLetterHeaderNames.originalTimestamp]: (bytes) => (bytes.length === 8 ? Number(bytes.readBigInt64BE()) : bytes),
};
/** Text of a dead letter, never listed. */
const reasons = /^(?:x-exception-|x-original-|millrace_deadLetter)/;

const STRING = 'java.lang.String';
const dates: ReadonlySet<string> = new Set(['java.util.Date', 'java.time.Instant', 'java.time.OffsetDateTime']);
const QUOTE = 0x22;
const LARGEST_INT = 2 ** 31 - 1;

/**
 * Headers as Spring Cloud Stream writes them: text raw, bytes raw and unlisted, everything else as JSON, with the Java class of
 * each in `spring_json_header_types`. Text that begins with a quote is written as JSON too, because Spring reads it so.
 */
export function encodeHeaders(
  headers: MessageHeaders,
  mode: HeaderMode,
  lists = new TypeLists(),
): Record<string, HeaderToSend> {
  const encoded: Record<string, HeaderToSend> = {};
  if (mode === 'none') return encoded;
  lists.begin();
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || name === TYPES_HEADER) continue;
    const type = javaClassOf(value);
    put(encoded, name, type === undefined ? bytesOf(value as Uint8Array) : textFor(value, mode));
    if (mode === 'spring' && type !== undefined && !untyped.has(name)) lists.add(name, type);
  }
  const list = lists.end();
  if (list !== undefined) encoded[TYPES_HEADER] = list;
  return encoded;
}

/** Lists of types as bytes. One for many messages: those of one channel mostly have the same list, so it is written once. */
export class TypeLists {
  #names: string[] = [];
  #types: string[] = [];
  #count = 0;
  /** Since the list was written. */
  #isOther = false;
  #list: Buffer | undefined;

  begin(): void {
    this.#count = 0;
  }

  add(name: string, type: string): void {
    const at = this.#count;
    this.#count += 1;
    if (this.#names[at] === name && this.#types[at] === type) return;
    this.#isOther = true;
    this.#names[at] = name;
    this.#types[at] = type;
  }

  /** Of what was added since the beginning; `undefined`: nothing was. */
  end(): Buffer | undefined {
    if (!this.#isOther && this.#count === this.#names.length) return this.#list;
    this.#isOther = false;
    this.#names.length = this.#count;
    this.#types.length = this.#count;
    const byName: Record<string, string> = {};
    for (const [index, name] of this.#names.entries()) put(byName, name, this.#types[index] as string);
    this.#list = this.#count === 0 ? undefined : Buffer.from(JSON.stringify(byName));
    return this.#list;
  }
}

/**
 * Reads what Spring, Millrace or anybody else wrote. With the list of types, as Spring does: what is not on it are bytes.
 * Without (or with a broken one) everything is text, as far as it is text. What breaks its promise is given as it is: nobody's
 * headers make a record undeliverable.
 *
 * One reader for many records: those of one topic mostly have the same list, so what it says of a name is found out once.
 */
export class HeaderReader {
  readonly #mode: HeaderMode;
  #list: RawHeader | undefined;
  #types: Readonly<Record<string, unknown>> | undefined;
  #readers = new Map<string, ReadValue>();

  constructor(mode: HeaderMode) {
    this.#mode = mode;
  }

  read(raw: RawHeaders | undefined): MessageHeaders {
    // An object of its own for each record: by it the record is found again.
    if (raw === undefined || this.#mode === 'none') return Object.freeze({});
    this.#know(lastOf(raw[TYPES_HEADER]));
    const headers: Record<string, HeaderValue> = {};
    for (const name of Object.keys(raw)) {
      const value = lastOf(raw[name]);
      if (value !== undefined && name !== TYPES_HEADER) put(headers, name, this.#value(name, value));
    }
    return Object.freeze(headers);
  }

  #know(list: RawHeader | undefined): void {
    if (isSame(list, this.#list)) return;
    // A copy: its bytes are a piece of a whole fetch.
    this.#list = list instanceof Uint8Array ? Uint8Array.from(list) : list;
    this.#types = typesOf(list);
    this.#readers.clear();
  }

  #value(name: string, value: RawHeader): HeaderValue {
    if (value === null) return null;
    const bytes = bytesOf(typeof value === 'string' ? Buffer.from(value) : value);
    const known = this.#readers.get(name);
    if (known !== undefined) return known(bytes);
    const reader = readerOf(name, this.#types);
    // Without a list names may be anything, and any number of them.
    if (this.#readers.size < MOST_KNOWN) this.#readers.set(name, reader);
    return reader(bytes);
  }
}

/** The last of several values of one name: a second dead letter adds to the headers of the first. */
export function lastOf(value: RawHeaders[string]): RawHeader | undefined {
  return Array.isArray(value) ? (value as readonly RawHeader[]).at(-1) : (value as RawHeader | undefined);
}

type ReadValue = (bytes: Buffer) => HeaderValue;

const MOST_KNOWN = 100;

function isSame(one: RawHeader | undefined, other: RawHeader | undefined): boolean {
  if (one === other) return true;
  if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return false;
  return one.length === other.length && Buffer.compare(one, other) === 0;
}

function readerOf(name: string, types: Readonly<Record<string, unknown>> | undefined): ReadValue {
  if (name === headerNames.contentType) return unquoted;
  const type = types !== undefined && Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === STRING) return (bytes) => (bytes[0] === QUOTE ? typed(bytes, STRING) : (textOf(bytes) ?? bytes));
  if (typeof type === 'string') return (bytes) => typed(bytes, type);
  const number = Object.hasOwn(binary, name) ? binary[name] : undefined;
  if (number !== undefined) return number;
  if (name === deadLetterHeaderNames.attempts) return (bytes) => Number(bytes.toString());
  const isText = types === undefined || untyped.has(name) || reasons.test(name);
  return isText ? (bytes) => textOf(bytes) ?? bytes : (bytes) => bytes;
}

function typed(bytes: Buffer, type: string): HeaderValue {
  const text = textOf(bytes);
  if (text === undefined) return bytes;
  if (isTooDeep(text)) return text;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  // An integer that JavaScript would round is better text.
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return text;
  if (typeof value === 'string' && dates.has(type)) {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? value : date;
  }
  return value as HeaderValue;
}

/** Spring's older applications write the content type as JSON. */
function unquoted(bytes: Buffer): string {
  const text = bytes.toString();
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
}

function typesOf(raw: RawHeader | undefined): Readonly<Record<string, unknown>> | undefined {
  if (raw === undefined || raw === null) return undefined;
  try {
    const types: unknown = JSON.parse(Buffer.from(raw).toString());
    return typeof types === 'object' && types !== null && !Array.isArray(types)
      ? (types as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` for bytes, which are not listed. */
function javaClassOf(value: HeaderValue): string | undefined {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'boolean':
      return 'java.lang.Boolean';
    case 'number':
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return 'java.lang.Double';
      return Math.abs(value) <= LARGEST_INT ? 'java.lang.Integer' : 'java.lang.Long';
    default:
      if (value === null) return 'java.lang.Object';
      if (value instanceof Uint8Array) return undefined;
      if (value instanceof Date) return 'java.util.Date';
      return Array.isArray(value) ? 'java.util.ArrayList' : 'java.util.LinkedHashMap';
  }
}

function textFor(value: HeaderValue, mode: HeaderMode): string {
  if (typeof value === 'string') return mode === 'spring' && value.startsWith('"') ? JSON.stringify(value) : value;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return JSON.stringify(value);
}

export function bytesOf(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** `__proto__` is a name like any other. */
export function put<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
  else target[name] = value;
}
