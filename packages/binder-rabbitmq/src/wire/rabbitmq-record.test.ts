import { deflateSync, gzipSync } from 'node:zlib';
import { springMessages } from '../../test/fixture';
import type { DeliveredMessage, MessageProperties } from '../rabbitmq-port';
import { type InboundOptions, messageToPublish, type OutboundOptions, recordsOf, sizeOf } from './rabbitmq-record';
import { sourceOf } from './source-mark';

const queue = { queue: 'orders.baristas', destination: 'orders', partition: undefined };
const out: OutboundOptions = {
  exchange: 'orders',
  routingKeyOf: () => 'orders',
  mode: 'spring',
  isPersistent: true,
  ttl: undefined,
};

function inbound(changes: Partial<InboundOptions> = {}): InboundOptions {
  return { mode: 'spring', maxDecompressedBytes: 1_000, ...changes };
}

function delivered(body: Buffer | string, changes: Partial<DeliveredMessage> = {}): DeliveredMessage {
  const place = { exchange: 'orders', routingKey: 'orders' };
  return { tag: 1, redelivered: false, ...place, body: Buffer.from(body), properties: {}, ...changes };
}

function textsOf(message: DeliveredMessage, changes: Partial<InboundOptions> = {}): string[] {
  return recordsOf(message, queue, inbound(changes)).map(({ payload }) => Buffer.from(payload).toString());
}

describe('a record on its way out', () => {
  it('has the properties of Spring’s message, and our key and exact time beside them', () => {
    const [spring] = springMessages('text').get('fx.text.cap') ?? [];
    const { properties } = spring as DeliveredMessage;
    const timestamp = new Date((properties.timestamp ?? 0) * 1_000 + 678);
    const headers = { contentType: 'text/plain', millrace_id: properties.messageId ?? '' };
    const message = messageToPublish({ payload: Buffer.from('hello'), headers, key: 'k', timestamp }, out);
    const own = { millrace_key: 'k', timestamp_in_ms: timestamp.getTime() };
    expect(message.properties).toEqual({ ...properties, headers: own });
  });

  it('writes no table in mode none, and says how long it may stay and that it may be lost', () => {
    const record = { payload: Buffer.from('x'), headers: { table: 7 }, key: 'k', timestamp: new Date(0) };
    const { properties } = messageToPublish(record, { ...out, mode: 'none', isPersistent: false, ttl: 1_500 });
    expect(properties).toMatchObject({ headers: {}, expiration: '1500', deliveryMode: 1, timestamp: 0 });
  });

  it('is never smaller than its size says', () => {
    const record = { payload: Buffer.alloc(500), headers: { größe: 'übergroß'.repeat(100), contentType: 'a/b' } };
    expect(sizeOf(messageToPublish(record, out))).toBeGreaterThan(500 + 100 * 10);
  });
});

describe('a record on its way in', () => {
  it('is what went out', () => {
    const timestamp = new Date('2026-01-02T03:04:05.678Z');
    const sent = messageToPublish({ payload: Buffer.from('x'), headers: { a: 'b' }, key: 'клиент', timestamp }, out);
    const properties = {
      ...sent.properties,
      headers: { ...sent.properties.headers, timestamp_in_ms: timestamp.getTime() },
    };
    const [record] = recordsOf(delivered('x', { properties }), queue, inbound());
    expect(record).toMatchObject({ destination: 'orders', key: 'клиент', timestamp, deliveries: 1 });
    expect(record.headers).toEqual({ a: 'b' });
  });

  it('takes whole seconds from others, and nothing that is no time', () => {
    const timeOf = (properties: MessageProperties) =>
      recordsOf(delivered('x', { properties }), queue, inbound())[0].timestamp;
    expect(timeOf({ timestamp: 1_767_323_045 })).toEqual(new Date('2026-01-02T03:04:05Z'));
    expect(timeOf({ timestamp: 1e30 })).toBeUndefined();
    expect(timeOf({ headers: { timestamp_in_ms: 'noon' }, timestamp: 0 })).toEqual(new Date(0));
    expect(timeOf({})).toBeUndefined();
  });

  it.each([
    ['orders-3', 3],
    ['orders', undefined],
    ['orders-', undefined],
    ['orders-3x', undefined],
    ['orders.x-3', undefined],
    ['other-3', undefined],
  ])('a routing key %s in a queue for all partitions means partition %s', (routingKey, partition) => {
    expect(recordsOf(delivered('x', { routingKey }), queue, inbound())[0].partition).toBe(partition);
  });

  it('has the partition of its queue, and counts the deliveries of a quorum queue', () => {
    const message = delivered('x', { routingKey: 'rk.7', properties: { headers: { 'x-delivery-count': 2 } } });
    const [record] = recordsOf(message, { ...queue, partition: 5 }, inbound({ mode: 'none' }));
    expect(record).toMatchObject({ partition: 5, deliveries: 3 });
  });

  it('is found again by its headers', () => {
    const [record] = recordsOf(delivered('x'), queue, inbound());
    expect(sourceOf(record.headers)).toBe(record.source);
    expect(sourceOf({})).toBeUndefined();
    const again = record.withHeaders(record.headers);
    expect(sourceOf(record.headers)).toBe(again.source);
  });
});

describe('what Spring has packed', () => {
  const batch = springMessages('rbatch').get('fx.rbatch.cap')?.[0] as DeliveredMessage;

  it('is read as single messages, each with an id of its own', () => {
    const records = recordsOf(batch, queue, inbound());
    expect(records.map(({ payload }) => (JSON.parse(String(payload)) as { product: string }).product)).toEqual([
      'product-0',
      'product-1',
      'product-2',
    ]);
    expect(records.map(({ headers }) => headers)).toEqual(
      [0, 1, 2].map((index) => ({
        contentType: 'application/json',
        millrace_id: `a9346fa9-c1cf-c97c-2897-f5b9ff82f90e-${index}`,
      })),
    );
  });

  const two = Buffer.from('\0\0\0\x03foo\0\0\0\x03bar');
  const format = { springBatchFormat: 'lengthHeader4', amqp_batchSize: 2 };

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['gzip:UTF-8', gzipSync],
    ['GZIP', gzipSync],
  ])('is unpacked where content_encoding is %s', (contentEncoding, pack) => {
    const headers = { springAutoDecompress: true };
    const message = delivered(pack('plain'), { properties: { contentEncoding, headers } });
    expect(textsOf(message)).toEqual(['plain']);
    expect(recordsOf(message, queue, inbound())[0].headers).toEqual({});
    expect(textsOf(delivered(pack(two), { properties: { contentEncoding, headers: format } }))).toEqual(['foo', 'bar']);
  });

  it('stays as it is where content_encoding names a charset', () => {
    expect(textsOf(delivered('plain', { properties: { contentEncoding: 'utf-8' } }))).toEqual(['plain']);
  });

  it.each([
    ['no gzip', 'x', { contentEncoding: 'gzip' }, 'PAYLOAD_UNDECODABLE', /the body is no gzip/],
    [
      'a bomb',
      gzipSync(Buffer.alloc(1_001)),
      { contentEncoding: 'gzip' },
      'PAYLOAD_TOO_LARGE',
      /maxDecompressedBytes, 1000/,
    ],
    [
      'a batch that is one',
      gzipSync(Buffer.alloc(2_000)),
      { contentEncoding: 'gzip', headers: format },
      'PAYLOAD_TOO_LARGE',
      /1000/,
    ],
    [
      'a length beyond the end',
      '\0\0\0\x09foo',
      { headers: format },
      'PAYLOAD_UNDECODABLE',
      /no message of its length at 0/,
    ],
    ['half a length', '\0\0\0\x03foo\0\0', { headers: format }, 'PAYLOAD_UNDECODABLE', /no message of its length at 7/],
    ['no message at all', '', { headers: format }, 'PAYLOAD_UNDECODABLE', /no message of its length at 0/],
    [
      'countless messages',
      Buffer.alloc(40_004),
      { headers: format },
      'PAYLOAD_UNDECODABLE',
      /more than 10000 messages/,
    ],
  ])('%s is one record that cannot be read, and says why', (_, body, properties, code, message) => {
    const records = recordsOf(delivered(body, { properties }), queue, inbound());
    expect(records).toHaveLength(1);
    expect(() => records[0].payload).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
