import type { MessageHeaders } from '@millrace/core/spi';
import { throughTheWire } from '../../test/amqp-codec';
import type { DeliveredMessage, MessageToPublish } from '../rabbitmq-port';
import { recordsOf } from '../wire/rabbitmq-record';
import { parkedMessage, RabbitmqRetryQueues, retryQueue, unparked } from './rabbitmq-retry-queues';

const DAY = 86_400_000;
const queue = { queue: 'orders.baristas', destination: 'orders', partition: undefined };

function delivered(changes: Partial<DeliveredMessage> = {}): DeliveredMessage {
  const place = { exchange: 'orders', routingKey: 'orders-3' };
  return { tag: 1, redelivered: false, ...place, body: Buffer.from('x'), properties: {}, ...changes };
}

/** As the broker delivers a parked message when its time has come. */
function returned({ body, properties, routingKey }: MessageToPublish): DeliveredMessage {
  const death = { count: 1, reason: 'expired', queue: routingKey, 'routing-keys': [routingKey] };
  const deaths = { 'x-death': [death], 'x-first-death-queue': routingKey, 'x-last-death-queue': routingKey };
  const headers = { ...throughTheWire(properties.headers ?? {}), ...deaths };
  return delivered({ exchange: '', routingKey: queue.queue, body, properties: { ...properties, headers } });
}

function reader() {
  return { mode: 'spring', maxDecompressedBytes: 100 } as const;
}

describe('the queue for a delay', () => {
  it('is the configured one, which the broker empties into the queue of the group', () => {
    expect(retryQueue('orders.baristas', 5_000, false)).toEqual({
      name: 'orders.baristas.retry.5000',
      durable: true,
      exclusive: false,
      autoDelete: false,
      arguments: {
        'x-message-ttl': 5_000,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': 'orders.baristas',
      },
    });
    const queues = new RabbitmqRetryQueues({ delays: [5_000], canDeclare: false, isQuorum: false });
    expect(queues.placeFor('orders.baristas', 5_000, 0)).toMatchObject({
      queue: 'orders.baristas.retry.5000',
      declare: undefined,
    });
  });

  it('loses nothing on the way back where it is a quorum queue', () => {
    expect(retryQueue('q', 1, true).arguments).toMatchObject({
      'x-queue-type': 'quorum',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    });
  });

  it.each([
    [10, 10],
    [20, 20],
    [99, 99],
    [101, 110],
    [500, 500],
    [1_000, 1_000],
    [1_001, 1_100],
    [125_000, 130_000],
    [995_000, 1_000_000],
    [30 * DAY, 1_800_000_000],
  ])('of %d ms that are not configured keeps %d', (delay, rounded) => {
    const queues = new RabbitmqRetryQueues({ delays: [], canDeclare: true, isQuorum: false });
    const place = queues.placeFor('q', delay, 0);
    expect(place).toMatchObject({ queue: `q.later.${rounded}`, delayMs: rounded });
    const { 'x-message-ttl': ttl, 'x-expires': expires } = place?.declare?.arguments ?? {};
    expect(ttl).toBe(rounded);
    expect(Number(expires)).toBeGreaterThan(rounded + 600_000 - 1);
    expect(Number(expires)).toBeLessThan(2 ** 32);
  });

  it('is declared again each minute, because publishing does not keep it alive, and after a loss', () => {
    const queues = new RabbitmqRetryQueues({ delays: [], canDeclare: true, isQuorum: false });
    const at = (now: number) => queues.placeFor('q', 500, now);
    const place = at(0);
    expect(at(1)?.declare).toBeDefined();
    if (place !== undefined) queues.declared(place, 1);
    expect(at(60_000)?.declare).toBeUndefined();
    expect(at(60_001)?.declare).toBeDefined();
    queues.forget();
    expect(at(2)?.declare).toBeDefined();
  });

  it('is none for a moment, and where nothing may be declared', () => {
    expect(
      new RabbitmqRetryQueues({ delays: [], canDeclare: true, isQuorum: false }).placeFor('q', 9, 0),
    ).toBeUndefined();
    expect(
      new RabbitmqRetryQueues({ delays: [], canDeclare: false, isQuorum: false }).placeFor('q', 500, 0),
    ).toBeUndefined();
  });
});

describe('a parked message', () => {
  const original = delivered({
    properties: {
      contentType: 'a/b',
      contentEncoding: 'utf-8',
      messageId: 'm',
      timestamp: 5,
      priority: 4,
      expiration: '100',
      userId: 'guest',
      appId: 'till',
      deliveryMode: 1,
      headers: {
        table: 'seven',
        millrace_key: 'k',
        timestamp_in_ms: 5_678,
        'retry-count': 2,
        'x-delivery-count': 1,
        'x-death': [{ count: 1, queue: 'former' }],
        'x-first-death-queue': 'former',
        CC: ['audit'],
      },
    },
  });
  const [record] = recordsOf(original, queue, reader());
  const headers = { ...record.headers, millrace_attempts: 3, millrace_rungs: 1 };
  const parked = parkedMessage(original, headers, { queue: 'orders.baristas.retry.5000', dueAt: undefined });

  it('goes through the default exchange, survives a restart, and is bound to no user and no time', () => {
    expect(parked).toMatchObject({ exchange: '', routingKey: 'orders.baristas.retry.5000', body: original.body });
    const { headers: _, ...properties } = parked.properties;
    expect(properties).toEqual({
      contentType: 'a/b',
      contentEncoding: 'utf-8',
      messageId: 'm',
      timestamp: 5,
      priority: 4,
      appId: 'till',
      deliveryMode: 2,
    });
    expect(parked.properties.headers).not.toHaveProperty('CC');
  });

  it('comes back as it was, with the headers core wants, and without a trace of the way', () => {
    const back = unparked(returned(parked));
    expect(back).toMatchObject({ dueAt: undefined, message: { exchange: 'orders', routingKey: 'orders-3' } });
    expect(back?.message.properties.headers).toEqual({
      table: 'seven',
      millrace_key: 'k',
      timestamp_in_ms: 5_678,
      'retry-count': 2,
      'x-death': [{ count: 1, queue: 'former' }],
      'x-first-death-queue': 'former',
      millrace_attempts: 3,
      millrace_rungs: 1,
    });
    const [again] = recordsOf(returned(parked), queue, { ...reader(), mode: 'none' });
    const { destination, partition, key, timestamp } = record;
    expect(again).toMatchObject({ destination, partition, key, timestamp, deliveries: 1 });
    const { amqp_userId: _user, amqp_expiration: _expiration, ...kept } = headers as MessageHeaders;
    expect(again.headers).toEqual(kept);
  });

  it('knows when it is due, where that is longer than a queue can keep it', () => {
    const dueAt = Date.now() + 24 * 86_400_000;
    const later = parkedMessage(original, headers, { queue: 'q.later.1', dueAt });
    expect(recordsOf(returned(later), queue, reader())[0].source.dueAt).toBe(dueAt);
  });

  it('can be parked whatever others have written', () => {
    const properties = {
      timestamp: 2 ** 64,
      priority: 5,
      headers: { contentType: 'c'.repeat(300), millrace_id: 'i'.repeat(300), priority: 'high', 'x-death': 'never' },
    };
    const odd = delivered({ properties });
    const [read] = recordsOf(odd, queue, reader());
    const again = parkedMessage(odd, read.headers, { queue: 'q.retry.5', dueAt: undefined });
    expect(again.properties).toMatchObject({ priority: 5, contentType: undefined, messageId: undefined });
    expect(again.properties.timestamp).toBeUndefined();
    expect(recordsOf(returned(again), queue, reader())[0].headers).toEqual(read.headers);
  });

  it('can be parked again', () => {
    const { message } = unparked(returned(parked)) as { message: DeliveredMessage };
    const again = parkedMessage(message, headers, { queue: 'orders.baristas.retry.5000', dueAt: undefined });
    expect(throughTheWire(again.properties.headers ?? {})).toEqual(throughTheWire(parked.properties.headers ?? {}));
  });
});

it('a message of others is none that comes back, whatever its headers', () => {
  expect(unparked(delivered())).toBeUndefined();
  expect(unparked(delivered({ properties: { headers: { millrace_retryExchange: 5 } } }))).toBeUndefined();
  const forged = {
    millrace_retryExchange: 'x',
    millrace_retryRoutingKey: 'y',
    millrace_retryDeaths: 'all',
    millrace_retryDueAt: 'now',
  };
  expect(unparked(delivered({ properties: { headers: forged } }))).toMatchObject({
    dueAt: undefined,
    message: { properties: { headers: {} } },
  });
});
