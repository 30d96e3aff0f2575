import type { Check } from '../check';

/** Lines of section B whose subject is not built; see `not-built.ts`. */
export const contentToCome: readonly Check[] = [
  { id: 'B6', title: 'headers with one name several times, empty ones, and ones in other encodings' },
  { id: 'B9', title: 'credentials never appear in headers or addresses' },
  { id: 'B15', title: 'a key that cannot be decoded goes the way of such a body' },
  { id: 'B16', title: 'a handler for what cannot be decoded replaces, skips or fails' },
  { id: 'B20', title: 'CloudEvents, binary and structured, in and out' },
  { id: 'B27', title: 'claim check: what is too large is stored elsewhere and fetched' },
  { id: 'B28', title: 'encryption: round trip, two keys, an unknown key' },
  { id: 'B29', title: 'compression: round trip, corrupt data' },
];
