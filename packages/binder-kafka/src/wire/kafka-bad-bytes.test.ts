import fc from 'fast-check';
import type { RawHeaders } from '../kafka-port';
import { decodeHeaders, TYPES_HEADER } from './kafka-headers';
import { DeliverySources, KafkaDelivery } from './kafka-record';

const classes = ['java.lang.String', 'java.lang.Integer', 'java.util.Date', 'java.util.LinkedHashMap', 'x'];
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('contentType', '__proto__', 'constructor', 'x-original-offset', 'millrace_deadLetterAttempts', 'h'),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((each) => Buffer.from(each)),
  fc.json().map((each) => Buffer.from(each)),
  fc
    .constantFrom('{"__proto__":{"polluted":true}}', '"'.repeat(5_000), '['.repeat(100_000), '1'.repeat(5_000))
    .map((each) => Buffer.from(each)),
);
const value = fc.oneof(
  bytes,
  fc.constant(null),
  fc.string(),
  fc.array(fc.oneof(bytes, fc.constant(null)), { maxLength: 3 }),
);
const types = fc.oneof(
  bytes,
  fc
    .dictionary(names, fc.oneof(fc.constantFrom(...classes), fc.jsonValue()), { maxKeys: 6 })
    .map((each) => Buffer.from(JSON.stringify(each))),
);

/** Names as they are, one called `__proto__` too. */
const raw = fc
  .record({
    headers: fc.array(fc.tuple(names, value), { maxLength: 8 }),
    types: fc.option(types, { nil: undefined }),
  })
  .map(({ headers, types: list }) => {
    const made: Record<string, unknown> = {};
    const define = (name: string, each: unknown): void =>
      void Object.defineProperty(made, name, { value: each, enumerable: true, configurable: true, writable: true });
    for (const [name, each] of headers) define(name, each);
    if (list !== undefined) define(TYPES_HEADER, list);
    return made as RawHeaders;
  });

it('reads whatever headers strangers send: nothing is thrown, none is lost, no prototype changes', () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  fc.assert(
    fc.property(raw, fc.constantFrom('spring' as const, 'plain' as const, 'none' as const), (headers, mode) => {
      const decoded = decodeHeaders(headers, mode);
      expect(Object.isFrozen(decoded)).toBe(true);
      if (mode === 'none') return;
      const expected = Object.keys(headers).filter((name) => name !== TYPES_HEADER && headers[name] !== undefined);
      // An empty list of values is none.
      const given = expected.filter((name) => !(Array.isArray(headers[name]) && headers[name].length === 0));
      expect(Object.keys(decoded).sort()).toEqual(given.sort());
    }),
    { numRuns: 500 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

it('makes a delivery of any record', () => {
  const record = fc.record({
    offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
    key: fc.option(fc.uint8Array().map((each) => Buffer.from(each))),
    value: fc.option(fc.uint8Array().map((each) => Buffer.from(each))),
    timestamp: fc.oneof(fc.maxSafeInteger().map(String), fc.constantFrom('-1', '9223372036854775807')),
    headers: fc.option(raw, { nil: undefined }),
  });
  fc.assert(
    fc.property(record, (each) => {
      const origin = { topic: 'orders', partition: 0, position: each.offset, timestamp: each.timestamp };
      const delivery = new KafkaDelivery(each, origin, 'spring', new DeliverySources());
      expect(delivery.headers).toBe(delivery.headers);
      expect(delivery.payload).toBe(each.value);
      expect(delivery.timestamp).toBeInstanceOf(Date);
      expect(typeof delivery.key).toBe(each.key === null ? 'undefined' : 'string');
    }),
  );
});

it('header values that are nested deep stay text', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const list = Buffer.from('{"h":"java.util.ArrayList"}');
  expect(decodeHeaders({ h: Buffer.from(deep), [TYPES_HEADER]: list }, 'spring')).toEqual({ h: deep });
});
