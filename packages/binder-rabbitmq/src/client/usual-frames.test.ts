import fc from 'fast-check';
import { clientsReader, frames, framesOf } from '../../test/client-reader';
import { usualProperties } from '../../test/usual-properties';
import type { FieldTable, FieldValue, MessageProperties } from '../rabbitmq-port';
import { readUsualFrames } from './usual-frames';

const LONGEST = 2_000;

const short = fc.oneof(
  fc.constantFrom('', 'orders', 'ordert', 'orders-1', 'ürders', 'a'.repeat(64), 'b'.repeat(65), 'contentType'),
  fc.string({ unit: 'binary', maxLength: 80 }),
);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.constantFrom<FieldValue>(0, -1, 2 ** 31, -(2 ** 31), 2 ** 50, -(2 ** 60), 0.5, null),
  fc.record({ '!': fc.constantFrom('int32', 'int64', 'timestamp'), value: fc.nat() }) as fc.Arbitrary<FieldValue>,
  fc.array(fc.string(), { maxLength: 2 }),
  fc.record({ inner: fc.string() }),
);
/** As Millrace and most others write it. */
const usual = fc.oneof(fc.string({ unit: 'binary' }), fc.constant<FieldValue>(1_790_000_000_123), fc.boolean());
const names = fc.oneof(short, fc.constantFrom('__proto__', 'millrace_key', 'toString'));
const headers = fc.oneof(
  fc.dictionary(names, usual, { maxKeys: 4, noNullPrototype: true }),
  fc.dictionary(names, value, { maxKeys: 4, noNullPrototype: true }),
) as fc.Arbitrary<FieldTable>;
const properties: fc.Arbitrary<MessageProperties> = fc.record(
  {
    contentType: optional(short),
    contentEncoding: optional(short),
    headers: optional(headers),
    deliveryMode: fc.constantFrom(1, 2, undefined),
    priority: optional(fc.nat(255)),
    correlationId: optional(short),
    replyTo: optional(short),
    expiration: optional(short),
    messageId: optional(short),
    timestamp: optional(fc.maxSafeNat()),
    type: optional(short),
    userId: optional(short),
    appId: optional(short),
    clusterId: optional(short),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<MessageProperties>;

const channel = fc.constantFrom(1, 300);
const tag = fc.oneof(fc.nat(), fc.constantFrom(2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1));
const content = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
const frame: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .tuple(
      channel,
      fc.record({
        consumerTag: short,
        deliveryTag: tag,
        redelivered: fc.boolean(),
        exchange: short,
        routingKey: short,
      }),
    )
    .map(([number, fields]) => frames.deliver(number, fields)),
  fc.tuple(channel, fc.nat(), properties).map(([number, size, each]) => frames.header(number, size, each)),
  fc.tuple(channel, content).map(([number, each]) => frames.body(number, each)),
  fc
    .tuple(channel, fc.record({ deliveryTag: tag, multiple: fc.boolean() }))
    .map(([number, fields]) => frames.ack(number, fields)),
  fc
    .tuple(channel, fc.record({ deliveryTag: tag, multiple: fc.boolean(), requeue: fc.boolean() }))
    .map(([number, fields]) => frames.nack(number, fields)),
  // A sign of life.
  fc.constant(Buffer.of(8, 0, 0, 0, 0, 0, 0, 0xce)),
);
const stream = fc.array(frame, { maxLength: 8 }).map((each) => Buffer.concat(each));
const cuts = fc.array(fc.nat(1_000), { maxLength: 5 });

function pieces(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((each) => each % (bytes.byteLength + 1)).sort((one, other) => one - other)];
  return sorted.map((from, index) => Buffer.from(bytes.subarray(from, sorted[index + 1])));
}

function bothRead(bytes: Buffer, places: readonly number[]): readonly [ours: unknown, clients: unknown] {
  const ours = clientsReader(pieces(bytes, places), LONGEST);
  readUsualFrames(ours);
  const clients = clientsReader(pieces(bytes, places), LONGEST);
  return [framesOf(ours), framesOf(clients)];
}

test('reads what the client would read, however it is cut into pieces', () => {
  fc.assert(
    fc.property(stream, cuts, (bytes, places) => {
      const [ours, clients] = bothRead(bytes, places);
      expect(ours).toStrictEqual(clients);
    }),
    { numRuns: 2_000 },
  );
});

test('of bytes that are not as they should be it makes what the client makes', () => {
  const spoilt = fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(stream, cuts, spoilt, (bytes, places, changes) => {
      for (const [place, byte] of changes) if (bytes.byteLength > 0) bytes[place % bytes.byteLength] = byte;
      const [ours, clients] = bothRead(bytes, places);
      expect(ours).toStrictEqual(clients);
    }),
    { numRuns: 3_000 },
  );
});

test('the usual delivery and its confirmation are not left to the client', () => {
  const bytes = Buffer.concat([
    frames.deliver(1, {
      consumerTag: 'c',
      deliveryTag: 7,
      redelivered: false,
      exchange: 'orders',
      routingKey: 'orders-1',
    }),
    frames.header(1, 5, usualProperties),
    frames.body(1, Buffer.from('12345')),
    frames.ack(2, { deliveryTag: 7, multiple: true }),
  ]);
  const reader = clientsReader([bytes], LONGEST);
  const clientsOwn = reader.recvFrame;
  let calls = 0;
  reader.recvFrame = function counted(this: typeof reader) {
    calls += 1;
    return Reflect.apply(clientsOwn, this, []);
  };
  readUsualFrames(reader);
  const { read } = framesOf(reader);
  // Once for what is to be read from the stream, once for its end.
  expect([read.length, calls]).toEqual([4, 2]);
});
