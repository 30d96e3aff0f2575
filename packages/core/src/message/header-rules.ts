import { MillraceError } from '../errors/millrace-error';
import { type HeaderValue, isReservedHeader, type MessageHeaders } from './headers';
import { noHeaders } from './message';

/** Most bytes all headers of a message may take, names included: below the frame and record limits of the brokers. */
export const MAX_HEADER_BYTES = 64 * 1024;

const MAX_DEPTH = 16;

/**
 * Copies headers an application set, so that later changes of nested values do not reach what is being sent.
 *
 * @throws MillraceError HEADER_INVALID for a reserved name, a value that cannot be carried, or more than {@link MAX_HEADER_BYTES}
 */
export function checkedHeaders(headers: MessageHeaders, channel: string): Record<string, HeaderValue> {
  const copy: Record<string, HeaderValue> = {};
  // The usual case.
  if (headers === noHeaders) return copy;
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (isReservedHeader(name)) throw refused(channel, name, 'the name is reserved for the transport');
    if (name === '' || name === '__proto__') throw refused(channel, name, 'the name cannot be carried');
    if (value === undefined) continue;
    const carried = checkedValue(value, (problem) => refused(channel, name, problem), 0);
    bytes += Buffer.byteLength(name) + sizeOf(carried);
    if (bytes > MAX_HEADER_BYTES) throw refused(channel, name, `the headers take more than ${MAX_HEADER_BYTES} bytes`);
    copy[name] = carried;
  }
  return copy;
}

function refused(channel: string, name: string, problem: string): MillraceError {
  return new MillraceError(
    'HEADER_INVALID',
    `header '${name}' of a message to channel '${channel}': ${problem}. Nothing was sent`,
  );
}

function checkedValue(value: unknown, refuse: (problem: string) => MillraceError, depth: number): HeaderValue {
  if (depth > MAX_DEPTH) throw refuse(`it is nested more than ${MAX_DEPTH} deep or contains itself`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw refuse(`${value} is not a number that can be carried`);
    return value;
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw refuse('it is an invalid date');
    return new Date(value);
  }
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return Object.freeze(value.map((item) => checkedValue(item, refuse, depth + 1)));
  if (typeof value === 'object' && isPlain(value)) {
    const entries = Object.entries(value).map(([name, item]) => [name, checkedValue(item, refuse, depth + 1)] as const);
    return Object.freeze(Object.fromEntries(entries));
  }
  throw refuse(
    `a ${typeof value === 'object' ? value.constructor?.name : typeof value} cannot be carried; use text, numbers, booleans, dates, bytes, lists or plain objects`,
  );
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function sizeOf(value: HeaderValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'object' && value !== null && !(value instanceof Date))
    return Buffer.byteLength(JSON.stringify(value));
  return 8;
}
