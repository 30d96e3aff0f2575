import type { DeadLetter } from '@millrace/core/spi';
import { onTheWire, throughTheWire } from '../../test/amqp-codec';
import { type SpringMessage, springMessages } from '../../test/fixture';
import { consumerTopology } from '../provisioning/rabbitmq-topology';
import { parseConsumerOptions } from '../rabbitmq-options';
import type { DeliveredMessage, FieldTable, MessageToPublish } from '../rabbitmq-port';
import { type RabbitmqDelivery, recordsOf } from '../wire/rabbitmq-record';
import { deadLetterMessage } from './rabbitmq-dead-letters';

const FRAME = 131_072;

/** Where Millrace would put dead letters of the same destination and group, in turn. */
function placesOf(destination: string, changes: object = {}, native: object = {}) {
  const request = {
    binding: 'orders/g',
    destinations: [destination],
    group: 'g',
    deadLetter: { destination: undefined, invalidDestination: undefined, ...changes },
    delays: [],
    instance: undefined,
  };
  const options = { prefix: '', provision: 'auto' } as const;
  const { deadLetters } = consumerTopology(request, parseConsumerOptions(native, 'orders/g'), options);
  if (deadLetters === undefined) throw new Error('no place');
  return deadLetters;
}

/** What Spring had received before it republished this. */
function sourceOf(letter: SpringMessage): DeliveredMessage {
  const added = /^x-(exception|original)-|^retry-count$/;
  const headers = Object.entries(letter.properties.headers ?? {}).filter(([name]) => !added.test(name));
  const { 'x-original-exchange': exchange, 'x-original-routingKey': routingKey } = letter.properties.headers ?? {};
  const properties = { ...letter.properties, headers: Object.fromEntries(headers) };
  return { ...letter, exchange: String(exchange), routingKey: String(routingKey), properties };
}

function deliver(message: DeliveredMessage, queue = 'orders.g', partition?: number): RabbitmqDelivery {
  const options = { mode: 'spring', maxDecompressedBytes: 1_000 } as const;
  return recordsOf(message, { queue, destination: message.exchange, partition }, options)[0];
}

function delivered(changes: Partial<DeliveredMessage> = {}): DeliveredMessage {
  const place = { exchange: 'orders', routingKey: 'orders' };
  return { tag: 1, redelivered: false, ...place, body: Buffer.from('x'), properties: {}, ...changes };
}

function letterOf(record: RabbitmqDelivery, changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    record,
    kind: 'failed',
    code: undefined,
    errorName: 'TypeError',
    errorMessage: 'out of beans',
    errorStack: 'TypeError: out of beans\n    at barista',
    attempts: 3,
    binding: 'orders/g',
    group: 'g',
    time: new Date(0),
    ...changes,
  };
}

function written(record: RabbitmqDelivery, changes: Partial<DeadLetter> = {}, frameMax = FRAME): MessageToPublish {
  return deadLetterMessage(
    letterOf(record, changes),
    record.source,
    { exchange: 'DLX', routingKey: 'orders.g' },
    frameMax,
  );
}

it.each([
  ['dlq', 'fx.dlq.in.g', undefined],
  ['dlqpart', 'fx.dlqpart.in.g-1', 1],
])('%s: writes body, properties, headers and place as Spring does, field by field', (name, queue, partition) => {
  for (const spring of springMessages(name).get(name === 'dlq' ? 'fx.dlq.in.g.dlq' : 'fx.dlqpart.in.g.dlq') ?? []) {
    const record = deliver(sourceOf(spring), queue, partition);
    const [to] = placesOf(record.destination)('failed', queue);
    const own = deadLetterMessage(letterOf(record), record.source, to, FRAME);
    expect(own).toMatchObject({ exchange: spring.exchange, routingKey: spring.routingKey, body: spring.body });
    const { headers = {}, ...properties } = own.properties;
    const { headers: _, ...springProperties } = spring.properties;
    expect(properties).toEqual(springProperties);
    for (const [header, field] of Object.entries(spring.typed))
      if (!header.startsWith('x-exception-'))
        expect([header, onTheWire({ field: headers[header] })]).toEqual([header, onTheWire({ field })]);
    const names = Object.keys(headers).filter(
      (each) => !/^millrace_|-topic$|-partition$|-timestamp$|-fqcn$/.test(each),
    );
    expect(names.sort()).toEqual(Object.keys(spring.typed).sort());
  }
});

it('adds what every binder tells of a dead letter', () => {
  const record = deliver(delivered({ properties: { timestamp: 5 } }), 'orders.g-2', 2);
  expect(
    throughTheWire(written(record, { kind: 'invalid', code: 'PAYLOAD_INVALID' }).properties.headers ?? {}),
  ).toEqual({
    'x-original-topic': 'orders',
    'x-original-partition': 2,
    'x-original-timestamp': 5_000,
    'x-original-exchange': 'orders',
    'x-original-routingKey': 'orders',
    'x-exception-fqcn': 'TypeError',
    'x-exception-message': 'out of beans',
    'x-exception-stacktrace': 'TypeError: out of beans\n    at barista',
    'retry-count': 1,
    millrace_deadLetterKind: 'invalid',
    millrace_deadLetterCode: 'PAYLOAD_INVALID',
    millrace_deadLetterAttempts: 3,
    millrace_deadLetterTime: '1970-01-01T00:00:00.000Z',
    millrace_deadLetterGroup: 'g',
    millrace_deadLetterBinding: 'orders/g',
    millrace_deadLetterHost: expect.any(String),
  });
});

it('counts how often it was dead before: by its header, else by the broker', () => {
  const [dlq2] = springMessages('dlq2').get('fx.dlq2.in.g.dlq') ?? [];
  const byBroker = written(deliver(dlq2 as DeliveredMessage));
  expect(throughTheWire(byBroker.properties.headers ?? {})['retry-count']).toBe(2);
  const byHeader = written(deliver(delivered({ properties: { headers: { 'retry-count': 4, 'x-death': 'none' } } })));
  expect(throughTheWire(byHeader.properties.headers ?? {})['retry-count']).toBe(5);
  // The broker's own list goes on, in the types that it wants.
  expect(onTheWire({ field: byBroker.properties.headers?.['x-death'] })).toEqual(
    onTheWire({ field: dlq2?.typed['x-death'] }),
  );
});

it('replaces the reason of an earlier dead letter', () => {
  const former = { 'x-exception-message': 'old', millrace_deadLetterCode: 'OLD', 'x-original-offset': '5' };
  const { headers } = written(deliver(delivered({ properties: { headers: former } }))).properties;
  expect(headers).toMatchObject({ 'x-exception-message': 'out of beans' });
  expect(headers).not.toHaveProperty('millrace_deadLetterCode');
  expect(headers).not.toHaveProperty('x-original-offset');
});

it('is for nobody else, for ever, and on disk: no further routing keys, no expiration, no user', () => {
  const headers = { CC: ['audit'], 'x-delivery-count': 3 };
  const properties = { headers, expiration: '5', userId: 'guest', deliveryMode: 1, replyTo: 'q', timestamp: 2 ** 64 };
  const own = written(deliver(delivered({ properties }))).properties;
  expect(own).toMatchObject({ deliveryMode: 2, replyTo: 'q' });
  for (const name of ['expiration', 'userId', 'timestamp']) expect(own).not.toHaveProperty(name);
  for (const name of Object.keys(headers)) expect(own.headers).not.toHaveProperty(name);
});

it('of an item of a batch holds that item alone', () => {
  const [batch] = springMessages('rbatch').get('fx.rbatch.cap') ?? [];
  const options = { mode: 'spring', maxDecompressedBytes: 1_000 } as const;
  const queue = { queue: 'fx.rbatch.g', destination: 'fx.rbatch', partition: undefined };
  const [, second] = recordsOf(batch as DeliveredMessage, queue, options);
  const own = written(second as RabbitmqDelivery);
  expect(JSON.parse(String(own.body))).toMatchObject({ product: 'product-1' });
  expect(own.properties.messageId).toBe(`${batch?.properties.messageId}-1`);
  expect(own.properties.headers).not.toHaveProperty('springBatchFormat');
});

it('of what could not be unpacked holds the bytes as they came', () => {
  const record = deliver(
    delivered({ properties: { contentEncoding: 'gzip', headers: { springAutoDecompress: true } } }),
  );
  expect(() => record.payload).toThrow(/no gzip/);
  const own = written(record);
  expect(own).toMatchObject({ body: Buffer.from('x'), properties: { contentEncoding: 'gzip' } });
  expect(own.properties.headers).toMatchObject({ springAutoDecompress: true });
});

describe('the limit of the frame', () => {
  const sizeOf = ({ properties }: MessageToPublish) => onTheWire(properties.headers ?? {}).byteLength;
  const stack = `Error\n${'    at é.ts\n'.repeat(5_000)}`;

  it.each([4_096, 20_000, FRAME])('%d: the stack is cut, not within a character', (frameMax) => {
    const own = written(deliver(delivered()), { errorStack: stack }, frameMax);
    expect(sizeOf(own)).toBeLessThanOrEqual(Math.min(frameMax, 65_536) - 128);
    const { 'x-exception-stacktrace': kept } = own.properties.headers as Record<string, string>;
    expect(kept?.length).toBeGreaterThan(1_000);
    expect(stack.startsWith(kept ?? '-')).toBe(true);
  });

  it('original headers that are larger than the rest go first, and are named', () => {
    const headers: FieldTable = { small: 'kept', large: 'x'.repeat(70_000), medium: Buffer.alloc(2_000) };
    const own = written(deliver(delivered({ properties: { headers } })), { errorStack: stack });
    expect(own.properties.headers).toMatchObject({ small: 'kept', millrace_headersLeftOut: ['large'] });
    expect(own.properties.headers).toHaveProperty('medium');
    expect(own.properties.headers).toHaveProperty('x-exception-message', 'out of beans');
    expect(sizeOf(own)).toBeLessThanOrEqual(65_536);
  });

  it('a thousand original headers make way too', () => {
    const headers = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`header-${index}`, 'x'.repeat(100)]),
    );
    expect(sizeOf(written(deliver(delivered({ properties: { headers } })), { errorStack: stack }))).toBeLessThanOrEqual(
      65_536,
    );
  });
});

describe('the place', () => {
  it.each([
    ['by default', {}, {}, ['DLX orders.g'], ['DLX orders.g']],
    ['one for invalid ones', { invalidDestination: 'noise' }, {}, ['DLX orders.g'], ['noise noise', 'DLX orders.g']],
    ['one for all', { destination: 'lost' }, {}, ['lost lost', 'DLX orders.g'], ['lost lost', 'DLX orders.g']],
    ['with a routing key', {}, { deadLetterRoutingKey: 'dead', deadLetterExchange: 'DX' }, ['DX dead'], ['DX dead']],
    ['behind a prefix', {}, { prefix: 'shop.' }, ['shop.DLX orders.g'], ['shop.DLX orders.g']],
  ])('%s', (_, target, native, failed, invalid) => {
    const places = placesOf('orders', target, native);
    const inTurn = (kind: DeadLetter['kind']) =>
      places(kind, 'orders.g').map(({ exchange, routingKey }) => `${exchange} ${routingKey}`);
    expect([inTurn('failed'), inTurn('invalid')]).toEqual([failed, invalid]);
  });
});
