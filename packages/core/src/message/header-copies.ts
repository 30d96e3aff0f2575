import type { HeaderValue, MessageHeaders } from './headers';

/**
 * Headers that can be handed to user code: dates and bytes can be changed in place, so whoever gets them gets copies.
 * Headers without such values, the usual case, are handed out as they are.
 */
export function headerCopies(headers: MessageHeaders): MessageHeaders {
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'object' && value !== null) {
      return Object.freeze(Object.fromEntries(Object.entries(headers).map(([key, each]) => [key, copyOf(each)])));
    }
  }
  return headers;
}

function copyOf(value: HeaderValue): HeaderValue {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return Object.freeze(value.map(copyOf));
  const entries = Object.entries(value as { readonly [name: string]: HeaderValue });
  return Object.freeze(Object.fromEntries(entries.map(([name, each]) => [name, copyOf(each)])));
}
