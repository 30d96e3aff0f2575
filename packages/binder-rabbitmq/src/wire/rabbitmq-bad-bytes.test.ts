import { gzipSync } from 'node:zlib';
import { MillraceError } from '@millrace/core/spi';
import fc from 'fast-check';
import { decodedFields } from '../../test/amqp-codec';
import type { DeliveredMessage, FieldTable, FieldValue, MessageProperties } from '../rabbitmq-port';
import { tableNames } from './rabbitmq-headers';
import { recordsOf } from './rabbitmq-record';
import { packingNames } from './spring-packing';

const queue = { queue: 'orders.baristas', destination: 'orders', partition: undefined };

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    ...Object.values(tableNames),
    ...Object.values(packingNames),
    'x-death',
    'CC',
    '!',
    'constructor',
    'contentType',
    'millrace_retry',
  ),
);
const field = fc.letrec<{ value: FieldValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array().map((each) => Buffer.from(each)),
    fc.constantFrom('lengthHeader4', 'gzip'),
    fc.record({
      '!': fc.constantFrom('timestamp', 'decimal', 'object', 'int8', 'x'),
      value: fc.jsonValue(),
    }) as fc.Arbitrary<FieldValue>,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const table = fc.dictionary(names, field, { maxKeys: 6, noNullPrototype: true }) as fc.Arbitrary<FieldTable>;
const text = fc.option(fc.oneof(fc.string(), fc.constantFrom('gzip', 'deflate:x', 'gzip,utf-8')), { nil: undefined });
const properties: fc.Arbitrary<MessageProperties> = fc.record({
  contentType: text,
  contentEncoding: text,
  headers: fc.option(table, { nil: undefined }),
  priority: fc.option(fc.nat(255), { nil: undefined }),
  correlationId: text,
  messageId: text,
  timestamp: fc.option(fc.maxSafeInteger(), { nil: undefined }),
  userId: text,
});
const body = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map((each) => Buffer.from(each)),
  fc.uint8Array({ maxLength: 100 }).map((each) => gzipSync(each)),
  fc
    .array(fc.uint8Array({ maxLength: 9 }), { maxLength: 4 })
    .map((items) => Buffer.concat(items.flatMap((item) => [Buffer.from([0, 0, 0, item.length]), item]))),
);

/** Everything that core may look at. */
function look(message: DeliveredMessage): void {
  for (const record of recordsOf(message, queue, { mode: 'spring', maxDecompressedBytes: 1_000 })) {
    expect(Object.isFrozen(record.headers)).toBe(true);
    expect(record.deliveries).toBeGreaterThanOrEqual(1);
    expect(['string', 'undefined']).toContain(typeof record.key);
    if (record.timestamp !== undefined) expect(record.timestamp.getTime()).not.toBeNaN();
    expect(record.destination).toBe('orders');
    void record.partition;
    try {
      expect(record.payload.byteLength).toBeLessThanOrEqual(Math.max(1_000, message.body.byteLength));
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      expect(['PAYLOAD_UNDECODABLE', 'PAYLOAD_TOO_LARGE']).toContain(error.code);
    }
  }
}

it('makes records of whatever messages strangers send: nothing but a refusal of the payload is thrown', () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  fc.assert(
    fc.property(properties, body, fc.string(), (each, bytes, routingKey) => {
      look({ tag: 1, redelivered: false, exchange: 'orders', routingKey, body: bytes, properties: each });
    }),
    { numRuns: 500 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
});

it('reads whatever amqplib makes of a table of random bytes', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom(...'tbBsuIilfdDSATFVxn'), (bytes, type) => {
      const value = Buffer.from(bytes);
      const field = Buffer.concat([Buffer.from([1, 0x68]), Buffer.from(type), value]);
      let headers: FieldTable;
      try {
        headers = decodedFields(field);
      } catch {
        // The client takes such a table out of its frame; see client/unreadable-headers.ts.
        return;
      }
      read += 1;
      look({
        ...{ tag: 1, redelivered: false, exchange: 'orders', routingKey: 'orders' },
        body: Buffer.from('x'),
        properties: { headers },
      });
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(20);
});

it('a body that grows when it is unpacked stops at its limit', () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const [record] = recordsOf(
    {
      ...{ tag: 1, redelivered: false, exchange: 'orders', routingKey: 'orders' },
      body: bomb,
      properties: { contentEncoding: 'gzip' },
    },
    queue,
    { mode: 'spring', maxDecompressedBytes: 1_000_000 },
  );
  expect(() => record.payload).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
});
