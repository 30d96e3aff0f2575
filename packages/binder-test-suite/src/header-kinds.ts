import type { HeaderValue, MessageHeaders } from '@millrace/core';

/** A header of every kind there is; fresh ones in each call. */
export const ofEveryKind = (): MessageHeaders => ({
  text: 'plain',
  empty: '',
  whole: 42,
  negative: -7,
  fraction: 0.125,
  large: 2 ** 53 - 1,
  yes: true,
  no: false,
  nothing: null,
  when: new Date('2024-02-29T12:00:00.500Z'),
  bytes: Uint8Array.of(0, 255, 127, 128),
  list: ['one', 2, [true]],
  nested: { table: { number: 7 } },
});

/** Bytes as numbers, whatever class they came in; and no prototypes. */
export function plain(value: HeaderValue | undefined): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Date) return { date: value.toISOString() };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member as HeaderValue)]));
}
