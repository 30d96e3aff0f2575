import { gzipSync } from 'node:zlib';
import { MillraceError } from '@millrace/core/spi';
import fc from 'fast-check';
import { decodedFields, onTheWire } from '../../test/amqp-codec';
import { deadLetterMessage } from '../failed/rabbitmq-dead-letters';
import { parkedMessage, unparked } from '../failed/rabbitmq-retry-queues';
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
    ...['Exchange', 'RoutingKey', 'DueAt', 'Deaths'].map((each) => `millrace_retry${each}`),
  ),
);
const number = fc.oneof(fc.nat(), fc.integer(), fc.double());
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
      value: fc.oneof(fc.jsonValue(), fc.double(), fc.record({ places: number, digits: number })),
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
      const message = {
        ...{ tag: 1, redelivered: false, exchange: 'orders', routingKey: 'orders' },
        body: Buffer.from('x'),
        properties: { headers },
      };
      look(message);
      expect(onTheWire(deadLetterOf(message)).byteLength).toBeLessThanOrEqual(65_536);
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

const reason = {
  kind: 'failed' as const,
  code: undefined,
  errorName: 'Error',
  errorMessage: 'no',
  errorStack: 'Error: no',
  attempts: 3,
  binding: 'orders/baristas',
  group: 'baristas',
  time: new Date(),
};

function deadLetterOf(message: DeliveredMessage): FieldTable {
  const [record] = recordsOf(message, queue, { mode: 'spring', maxDecompressedBytes: 1_000 });
  const letter = deadLetterMessage(
    { ...reason, record },
    record.source,
    { exchange: 'DLX', routingKey: 'orders' },
    131_072,
  );
  return letter.properties.headers ?? {};
}

it('makes a dead letter and a parked message of any message, which amqplib can write', () => {
  fc.assert(
    fc.property(properties, body, fc.string({ maxLength: 80 }), (each, bytes, routingKey) => {
      const message = { tag: 1, redelivered: false, exchange: 'orders', routingKey, body: bytes, properties: each };
      expect(onTheWire(deadLetterOf(message)).byteLength).toBeLessThanOrEqual(65_536);
      const [record] = recordsOf(message, queue, { mode: 'spring', maxDecompressedBytes: 1_000 });
      const parked = parkedMessage(record.source.message, record.headers, { queue: 'q', dueAt: 5 });
      expect(onTheWire(parked.properties.headers ?? {}).byteLength).toBeLessThanOrEqual(65_536);
      const dueAt = unparked(message)?.dueAt ?? 0;
      expect(dueAt).toBeLessThanOrEqual(Date.now() + 2 ** 32);
    }),
    { numRuns: 500 },
  );
});

it.each([1e300, -1e300, 2 ** 53, 1.5, Number.NaN])(
  'a count of dead letters of %d is no reason to have none',
  (count) => {
    const headers = { [tableNames.retryCount]: count };
    const message = { tag: 1, redelivered: false, exchange: 'orders', routingKey: 'orders', body: Buffer.from('x') };
    expect(() => onTheWire(deadLetterOf({ ...message, properties: { headers } }))).not.toThrow();
  },
);

it.each([
  ['a time that is no whole number', { '!': 'timestamp', value: 0.5 }],
  ['a decimal with too many places', { '!': 'decimal', value: { places: 300, digits: 1 } }],
  ['a decimal of fractions', { '!': 'decimal', value: { places: 1, digits: 0.5 } }],
] as const)('a table that looks like %s is a table, and has a dead letter', (_, table) => {
  const headers = { h: table } as unknown as FieldTable;
  const message = { tag: 1, redelivered: false, exchange: 'orders', routingKey: 'orders', body: Buffer.from('x') };
  expect(() => onTheWire(deadLetterOf({ ...message, properties: { headers } }))).not.toThrow();
});
