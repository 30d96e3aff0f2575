import { type HeaderValue, type MessageHeaders, MillraceError } from '@millrace/core/spi';

/** Headers as the broker keeps them: copied deeply and frozen. */
export interface StoredHeaders {
  readonly values: MessageHeaders;
  /** Dates and bytes cannot be frozen: headers with such values are copied again for each reader. */
  readonly shareable: boolean;
  /** About what they weigh, in bytes. */
  readonly bytes: number;
}

interface Tally {
  shareable: boolean;
  bytes: number;
}

const OTHER_VALUE_BYTES = 8;

/** Copies headers so that no later change of the original is seen; throws HEADER_INVALID on what cannot be carried. */
export function storeHeaders(headers: MessageHeaders): StoredHeaders {
  const tally: Tally = { shareable: true, bytes: 0 };
  const values = copyObject(headers, tally);
  return { values, shareable: tally.shareable, bytes: tally.bytes };
}

/** The headers for one reader, who cannot change what another one sees. */
export function readHeaders(stored: StoredHeaders): MessageHeaders {
  return stored.shareable ? stored.values : copyObject(stored.values, { shareable: true, bytes: 0 });
}

function copyObject(source: Readonly<Record<string, HeaderValue>>, tally: Tally): MessageHeaders {
  const copy: Record<string, HeaderValue> = {};
  for (const name of Object.keys(source)) {
    tally.bytes += name.length;
    const value = copyValue(name, source[name] as HeaderValue, tally);
    // Plain assignment to this one name would change the prototype instead of adding a header.
    if (name === '__proto__') Object.defineProperty(copy, name, { value, enumerable: true });
    else copy[name] = value;
  }
  return Object.freeze(copy);
}

function copyValue(name: string, value: HeaderValue, tally: Tally): HeaderValue {
  if (typeof value === 'string') {
    tally.bytes += value.length;
    return value;
  }
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new MillraceError('HEADER_INVALID', `header '${name}' holds a ${typeof value}, which cannot be carried`);
  }
  if (typeof value !== 'object' || value === null) {
    tally.bytes += OTHER_VALUE_BYTES;
    return value;
  }
  if (value instanceof Date) {
    tally.shareable = false;
    tally.bytes += OTHER_VALUE_BYTES;
    return new Date(value.getTime());
  }
  if (value instanceof Uint8Array) {
    tally.shareable = false;
    tally.bytes += value.byteLength;
    return new Uint8Array(value);
  }
  if (isList(value)) return Object.freeze(value.map((item) => copyValue(name, item, tally)));
  return copyObject(value, tally);
}

function isList(value: HeaderValue): value is readonly HeaderValue[] {
  return Array.isArray(value);
}
