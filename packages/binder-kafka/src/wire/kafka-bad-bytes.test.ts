import type { DeadLetter } from '@millrace/core/spi';
import fc from 'fast-check';
import { deadLetterRecord } from '../failed/kafka-dead-letters';
import { dueAtOf, originOf, unparked } from '../failed/kafka-retry-topics';
import type { FetchedRecord, RawHeaders } from '../kafka-port';
import { HeaderReader, TYPES_HEADER } from './kafka-headers';
import { KafkaDelivery } from './kafka-record';
import { sourceOf } from './source-mark';

const classes = ['java.lang.String', 'java.lang.Integer', 'java.util.Date', 'java.util.LinkedHashMap', 'x'];
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('contentType', '__proto__', 'constructor', 'x-original-offset', 'millrace_deadLetterAttempts', 'h'),
  fc.constantFrom(...['DueAt', 'Topic', 'Partition', 'Offset', 'Timestamp'].map((each) => `millrace_retry${each}`)),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }).map((each) => Buffer.from(each)),
  fc.json().map((each) => Buffer.from(each)),
  fc
    .constantFrom(
      '-1',
      '1e300',
      '99999999999999999999',
      'NaN',
      '1.5',
      '7',
      '{"__proto__":{"polluted":true}}',
      '"'.repeat(5_000),
      '['.repeat(100_000),
      '1'.repeat(5_000),
    )
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
      const decoded = new HeaderReader(mode).read(headers);
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

const fetched: fc.Arbitrary<FetchedRecord> = fc.record({
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  key: fc.option(fc.uint8Array().map((each) => Buffer.from(each))),
  value: fc.option(fc.uint8Array().map((each) => Buffer.from(each))),
  timestamp: fc.oneof(fc.maxSafeInteger().map(String), fc.constantFrom('-1', '9223372036854775807')),
  headers: fc.option(raw, { nil: undefined }),
});

it('makes a delivery of any record', () => {
  fc.assert(
    fc.property(fetched, (each) => {
      const origin = { topic: 'orders', partition: 0, position: each.offset, timestamp: each.timestamp };
      const delivery = new KafkaDelivery(each, origin, new HeaderReader('spring'), { isOver: false });
      expect(delivery.headers).toBe(delivery.headers);
      expect(delivery.payload).toBe(each.value);
      expect(delivery.timestamp?.getTime()).not.toBeNaN();
      expect(typeof delivery.key).toBe(each.key === null ? 'undefined' : 'string');
    }),
  );
});

it('header values that are nested deep stay text', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const list = Buffer.from('{"h":"java.util.ArrayList"}');
  expect(new HeaderReader('spring').read({ h: Buffer.from(deep), [TYPES_HEADER]: list })).toEqual({ h: deep });
});

const reason = {
  kind: 'failed' as const,
  code: undefined,
  errorName: 'Error',
  errorMessage: 'no',
  errorStack: undefined,
  attempts: 3,
  binding: 'orders/baristas',
  group: 'baristas',
  time: new Date(),
};

/** The dead letter of a record, as it was fetched from its topic or, with strange headers, from a retry topic. */
function letterOf(record: FetchedRecord): { readonly letter: DeadLetter; readonly written: RecordHeaders } {
  const origin = originOf(record, 'orders', 3);
  const delivery = new KafkaDelivery(unparked(record), origin, new HeaderReader('spring'), { isOver: false });
  const letter: DeadLetter = { ...reason, record: delivery };
  return { letter, written: deadLetterRecord(letter, sourceOf(delivery.headers), 'spring', 4) };
}
type RecordHeaders = ReturnType<typeof deadLetterRecord>;

it('makes a dead letter of any record, with its key, body and headers, also of one that strangers put into a retry topic', () => {
  fc.assert(
    fc.property(fetched, (record) => {
      const { written } = letterOf(record);
      expect(written.value).toEqual(record.value);
      expect(written.key).toEqual(record.key);
      expect(written.partition).toBeLessThan(4);
      expect(dueAtOf(record)).toBeLessThanOrEqual(Date.now() + 2 ** 32);
      for (const name of Object.keys(unparked(record).headers ?? {}))
        expect(Object.keys(written.headers)).toContain(name);
    }),
    { numRuns: 500 },
  );
});

it('a record whose time is in nanoseconds has a dead letter: it would come again for ever', () => {
  const record = { offset: '7', key: null, value: Buffer.from('x'), timestamp: '1795284338755000000' };
  const { letter, written } = letterOf(record);
  expect(letter.record.timestamp).toBeUndefined();
  expect(written.headers['x-original-timestamp']).toBeUndefined();
  expect(written.headers['x-original-offset']).toHaveLength(8);
});

it.each([
  ['a partition beyond all', 'Partition', '1e300'],
  ['a position that is none', 'Offset', 'abc'],
  ['a time that is none', 'Timestamp', '--'],
])('%s in the headers of a parked record is not believed', (_, name, value) => {
  const headers = { [`millrace_retry${name}`]: Buffer.from(value) };
  const record = { offset: '7', key: null, value: null, timestamp: '1', headers };
  expect(originOf(record, 'orders.retry', 3)).toEqual({
    ...{ topic: 'orders.retry', partition: 3, position: '7', timestamp: '1' },
  });
  expect(letterOf(record).written.headers['x-original-partition']).toHaveLength(4);
});

it('a key that is no text is the same in the dead letter, also of a record without headers', () => {
  const key = Buffer.of(0xff, 0x00, 0xfe);
  for (const headers of [undefined, {}, { [TYPES_HEADER]: Buffer.from('{}') }])
    expect(letterOf({ offset: '7', key, value: null, timestamp: '1', headers }).written.key).toEqual(key);
});
