import type { HeaderValue, MessageHeaders } from '@millrace/core/spi';
import type { FieldTable, FieldValue, TypedField } from '../rabbitmq-port';

const LARGEST_INT = 2 ** 31 - 1;
/** Of a decimal on the wire. */
const LARGEST_PLACES = 2 ** 8 - 1;
const LARGEST_DIGITS = 2 ** 32 - 1;
/** Deeper than any header of ours; what lies below is left out, so that a hostile message does no harm. */
const DEEPEST = 64;

/** Milliseconds of dates, by their path in the table: the broker's timestamps are whole seconds. */
export type Milliseconds = Record<string, number>;

/**
 * A header value with the type Java's client would give it: whole numbers in four bytes or eight, never in one or two (as amqplib
 * would, and Spring would see a Byte), the rest in their own.
 *
 * @param path where it stands, for the milliseconds of dates that are collected
 */
export function encodeValue(value: HeaderValue, path: string, milliseconds: Milliseconds): FieldValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return encodeNumber(value);
    default:
      if (value === null) return null;
      if (value instanceof Date) return encodeDate(value, path, milliseconds);
      if (value instanceof Uint8Array) return bytesOf(value);
      if (Array.isArray(value))
        return value.map((item, index) => encodeValue(item, below(path, String(index)), milliseconds));
      return encodeTable(value as MessageHeaders, path, milliseconds);
  }
}

/** What amqplib hands over, as headers hold it. Whole numbers beyond 2^53 were rounded by it. */
export function decodeValue(value: FieldValue, path: string, milliseconds: FieldTable, depth = 0): HeaderValue {
  if (typeof value === 'number') {
    const rest = own(milliseconds, path);
    return typeof rest === 'number' ? new Date(value * 1_000 + rest) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEEPEST) return null;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value))
    return value.map((item, index) => decodeValue(item, below(path, String(index)), milliseconds, depth + 1));
  const typed = decodeTyped(value, own(milliseconds, path));
  if (typed !== undefined) return typed;
  const decoded: Record<string, HeaderValue> = {};
  for (const [name, item] of Object.entries(value as FieldTable))
    if (item !== undefined) put(decoded, name, decodeValue(item, below(path, name), milliseconds, depth + 1));
  return decoded;
}

/** Whole numbers in four bytes where they fit, else in eight; all others as they are. */
export function encodeNumber(value: number): FieldValue {
  if (!Number.isInteger(value) || Object.is(value, -0) || Math.abs(value) >= 2 ** 63) return { '!': 'float64', value };
  return { '!': Math.abs(value) <= LARGEST_INT ? 'int32' : 'int64', value };
}

/** Whole numbers in eight bytes: so the broker writes its own `x-death`, and so it wants to read it. */
export function encodeLong(value: number): FieldValue {
  return Number.isSafeInteger(value) ? { '!': 'int64', value } : encodeNumber(value);
}

/** A value as amqplib has read it, so that it can be written again: amqplib keeps no types of numbers, and takes `!` for a type. */
export function rewritten(
  value: FieldValue,
  encode: (value: number) => FieldValue = encodeNumber,
  depth = 0,
): FieldValue {
  if (typeof value === 'number') return encode(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (depth > DEEPEST) return null;
  if (Array.isArray(value)) return value.map((item) => rewritten(item, encode, depth + 1));
  const typed = decodeTyped(value, undefined);
  // A timestamp that is no date was rounded, perhaps to more than fits.
  if (typed !== undefined) return typeof typed === 'number' && isTimestamp(value) ? encodeNumber(typed) : value;
  const copy: Record<string, FieldValue> = {};
  for (const [name, item] of Object.entries(value as FieldTable))
    if (item !== undefined) put(copy, name, rewritten(item, encode, depth + 1));
  return escaped(copy);
}

/** Bytes the table takes on the wire, never less than the truth. */
export function sizeOfTable(table: FieldTable): number {
  let size = 4;
  for (const name of Object.keys(table)) {
    const value = table[name];
    if (value !== undefined) size += 1 + Buffer.byteLength(name) + sizeOfValue(value);
  }
  return size;
}

export function sizeOfValue(value: FieldValue): number {
  if (typeof value === 'string') return 5 + Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 9;
  if (value instanceof Uint8Array) return 5 + value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOfValue(item), 5);
  if (!Object.hasOwn(value, '!')) return 1 + sizeOfTable(value as FieldTable);
  const { '!': type, value: inner } = value as TypedField;
  return type === 'object' ? 1 + sizeOfTable(inner as FieldTable) : 9;
}

/** A member of its own, not of the prototype: a table may have one called `__proto__`. */
export function own<T>(table: Readonly<Record<string, T | undefined>> | undefined, name: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The members of a table; none where the value is something else. */
export function tableOf(value: FieldValue | undefined): FieldTable {
  const isTable =
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
  return isTable ? (value as FieldTable) : {};
}

/** `__proto__` is a name like any other. */
export function put<T>(target: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') Object.defineProperty(target, name, { value, enumerable: true, configurable: true });
  else target[name] = value;
}

function encodeTable(headers: MessageHeaders, path: string, milliseconds: Milliseconds): FieldValue {
  const encoded: Record<string, FieldValue> = {};
  for (const [name, item] of Object.entries(headers))
    if (item !== undefined) put(encoded, name, encodeValue(item, below(path, name), milliseconds));
  return escaped(encoded);
}

/** amqplib takes a member of this name for the type of the value. */
function escaped(table: FieldTable): FieldValue {
  return Object.hasOwn(table, '!') ? { '!': 'object', value: table } : table;
}

/** Seconds, which is what Java's client takes for a date. Before 1970 there is no timestamp: the entry alone says what it is. */
function encodeDate(date: Date, path: string, milliseconds: Milliseconds): FieldValue {
  const seconds = Math.floor(date.getTime() / 1_000);
  const rest = date.getTime() - seconds * 1_000;
  if (rest !== 0 || seconds < 0) milliseconds[path] = rest;
  return { '!': seconds < 0 ? 'int64' : 'timestamp', value: seconds };
}

/** A path is names joined by slashes; those within a name are marked. */
function below(path: string, name: string): string {
  return `${path}/${pathOf(name)}`;
}

export function pathOf(name: string): string {
  return /[~/]/.test(name) ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}

/** What amqplib marks with `!`; `undefined` for tables, also for a foreign one that has such a member. */
function decodeTyped(marked: object, milliseconds: FieldValue | undefined): HeaderValue | undefined {
  const { '!': type, value } = marked as Partial<TypedField>;
  if (isTimestamp(marked)) {
    const date = new Date(marked.value * 1_000 + (typeof milliseconds === 'number' ? milliseconds : 0));
    return Number.isNaN(date.getTime()) ? marked.value : date;
  }
  if (type !== 'decimal' || typeof value !== 'object' || value === null) return undefined;
  const { places, digits } = value as { places?: unknown; digits?: unknown };
  return isWhole(places, LARGEST_PLACES) && isWhole(digits, LARGEST_DIGITS)
    ? Number(`${digits}e-${places}`)
    : undefined;
}

function isWhole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

function isTimestamp(marked: object): marked is { '!': 'timestamp'; value: number } {
  const { '!': type, value } = marked as Partial<TypedField>;
  return type === 'timestamp' && typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

/** The same bytes, not a copy. */
export function bytesOf(value: Uint8Array): Buffer {
  return Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
