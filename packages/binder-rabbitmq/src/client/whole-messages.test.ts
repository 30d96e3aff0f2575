import fc from 'fast-check';
import { clientsSender, type Sent, sentBy } from '../../test/amqp-sender';
import { usualProperties } from '../../test/usual-properties';
import type { FieldTable, FieldValue, MessageProperties } from '../rabbitmq-port';
import { writeMessagesWhole } from './whole-messages';

const FRAME_MAX = 4_096;
const short = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 80, maxLength: 90 }));
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.constantFrom<FieldValue>(
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 49,
    2 ** 50,
    2 ** 53,
    0.5,
    -0,
    true,
    null,
  ),
  fc.record({ '!': fc.constantFrom('int32', 'int64'), value: fc.nat() }) as fc.Arbitrary<FieldValue>,
  fc.uint8Array({ maxLength: 5 }).map((each) => Buffer.from(each)),
  fc.array(fc.string(), { maxLength: 2 }),
);
const names = fc.oneof(short, fc.constantFrom('timestamp_in_ms', '__proto__', '!'));
const headers = fc.dictionary(names, value, { maxKeys: 4, noNullPrototype: true }) as fc.Arbitrary<FieldTable>;
const texts = fc.dictionary(short, fc.string({ unit: 'binary' }), { maxKeys: 4 }) as fc.Arbitrary<FieldTable>;
const properties: fc.Arbitrary<MessageProperties> = fc.record(
  {
    contentType: optional(short),
    contentEncoding: fc.constantFrom(undefined, undefined, 'gzip'),
    headers: optional(fc.oneof(texts, headers)),
    deliveryMode: fc.constantFrom(1, 2, undefined),
    priority: optional(fc.integer({ min: -1, max: 256 })),
    correlationId: fc.constantFrom(undefined, undefined, 'one'),
    expiration: optional(short),
    messageId: optional(short),
    timestamp: optional(fc.oneof(fc.maxSafeInteger(), fc.nat(2 ** 31), fc.constantFrom(2 ** 32, 2 ** 53, 0.5))),
  },
  { requiredKeys: [] },
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map((each) => Buffer.from(each)),
  fc
    .constantFrom(0, 2_000, FRAME_MAX - 9, FRAME_MAX - 8, FRAME_MAX - 7, 3 * FRAME_MAX)
    .map((size) => Buffer.alloc(size, 7)),
);
const channel = fc.constantFrom(1, 300);
const message = fc.record({ exchange: short, routingKey: short, mandatory: fc.boolean(), properties, body, channel });

const clients = clientsSender(FRAME_MAX);
const ours = clientsSender(FRAME_MAX, true);
writeMessagesWhole(ours);

test('puts on the wire what the client would put there, to the byte', () => {
  fc.assert(
    fc.property(message, (each) => {
      const [own, theirs] = [sentBy(ours, each), sentBy(clients, each)];
      expect({ ...own, writes: 0 }).toEqual({ ...theirs, writes: 0 });
    }),
    { numRuns: 1_000 },
  );
});

const usual: Sent = {
  exchange: 'orders',
  routingKey: 'orders-1',
  mandatory: true,
  channel: 1,
  properties: usualProperties,
  body: Buffer.alloc(3_000, 1),
};

test('the usual message is written once, where the client writes twice', () => {
  expect([sentBy(ours, usual).writes, sentBy(clients, usual).writes]).toEqual([1, 2]);
});

test('headers that would not fit are left to the client, however many there are', () => {
  for (const size of [5_000, 5_200, 5_400, 16_000, 60_000, 70_000])
    for (const letter of ['x', '€']) {
      const table = { first: letter.repeat(size / letter.length), second: letter.repeat(100) };
      const each = { ...usual, properties: { ...usual.properties, headers: table } };
      expect({ ...sentBy(ours, each), writes: 0 }).toEqual({ ...sentBy(clients, each), writes: 0 });
    }
});

test('writes nothing before or behind its room', () => {
  sentBy(ours, usual);
  const [frames] = ours.written;
  const bytes = frames?.byteLength ?? 0;
  const around = Buffer.from(frames?.buffer ?? new ArrayBuffer(0));
  expect([around.indexOf(frames as Buffer), around.byteLength]).toEqual([8, bytes + 16]);
  expect([around.subarray(0, 8), around.subarray(bytes + 8)]).toEqual([Buffer.alloc(8), Buffer.alloc(8)]);
});

test('a channel without room for turns is left to the client', () => {
  const plain = clientsSender(FRAME_MAX);
  writeMessagesWhole(plain);
  expect(sentBy(plain, usual)).toEqual(sentBy(clients, usual));
});

test('a connection that is closing refuses it, as before', () => {
  const closing = clientsSender(FRAME_MAX, true);
  writeMessagesWhole(closing);
  closing.sendMessage = () => {
    throw new Error('closing');
  };
  expect(sentBy(closing, usual)).toEqual({ bytes: undefined, error: 'closing', writes: 0 });
});
