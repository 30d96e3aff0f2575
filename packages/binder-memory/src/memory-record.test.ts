import type { InboundRecord } from '@millrace/core/spi';
import { settlements } from '@millrace/core/spi';
import { eventually } from '../test/eventually';
import { text } from '../test/inbox';
import { openBinder, record, sendAll, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

describe('records cross as copies', () => {
  const first = (records: readonly InboundRecord[]): InboundRecord => records[0] as InboundRecord;

  test('payload, headers of every kind, key, partition and time arrive as they were sent', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const headers = {
      text: 'kaffee ☕',
      'x-ü': '',
      number: 1.5,
      yes: true,
      nothing: null,
      when: new Date(5),
      bytes: new Uint8Array([1, 2]),
      list: [1, 'two', [new Date(7)]],
      object: { inner: { deep: [null] } },
    };
    const { inbox } = await local.consumer(destination, { group: 'g' });
    const producer = await local.producer(destination);
    await producer.send(record('espresso', { headers, key: 'k', partition: 2, timestamp: new Date(1234) }));
    await eventually(() => expect(inbox.received).toHaveLength(1));
    expect(first(inbox.received)).toEqual({
      destination,
      payload: new Uint8Array(Buffer.from('espresso')),
      headers,
      key: 'k',
      partition: 2,
      position: '0',
      timestamp: new Date(1234),
      deliveries: 1,
    });
  });

  test('empty payloads and tombstones are told apart', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'g' });
    const producer = await local.producer(destination);
    await producer.send(record(''));
    await producer.send(record(null, { key: 'gone' }));
    await eventually(() => expect(inbox.received.map(({ payload }) => payload)).toEqual([new Uint8Array(0), null]));
  });

  test('a record without a timestamp gets the time of its arrival', async () => {
    const broker = new MemoryBroker();
    const before = Date.now();
    await broker.publish('orders', record('x'));
    expect(broker.records('orders')[0]?.timestamp.getTime()).toBeGreaterThanOrEqual(before);
  });

  test('what the sender changes after the send is not seen', async () => {
    const broker = new MemoryBroker();
    const payload = Buffer.from('espresso');
    const headers = { inner: { list: [1] }, when: new Date(5), bytes: new Uint8Array([1]) };
    await broker.publish('orders', { payload, headers });
    payload.fill(0);
    headers.inner.list.push(2);
    headers.when.setTime(0);
    headers.bytes.fill(9);
    const [kept] = broker.records('orders');
    expect(kept && text(kept)).toBe('espresso');
    expect(kept?.headers).toEqual({ inner: { list: [1] }, when: new Date(5), bytes: new Uint8Array([1]) });
  });

  test('what one receiver changes is seen by no other, nor by its own next delivery', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const vandal = await local.consumer(destination, { group: 'vandal' });
    const seen: string[] = [];
    const spoil = ({ payload, headers }: InboundRecord): void => {
      payload?.fill(0);
      (headers.when as Date).setTime(0);
      (headers.bytes as Uint8Array).fill(0);
      expect(() => Object.assign(headers, { when: null })).toThrow(TypeError);
      expect(() => (headers.list as number[]).push(1)).toThrow(TypeError);
    };
    vandal.inbox.answer((got) => {
      seen.push(`${text(got)} ${(got.headers.when as Date).getTime()} ${got.headers.bytes}`);
      spoil(got);
      return got.deliveries < 3 ? settlements.requeue : settlements.ack;
    });
    const other = await local.consumer(destination, { group: 'other' });
    other.inbox.hold();
    const producer = await local.producer(destination);
    const headers = { when: new Date(5), bytes: new Uint8Array([7]), list: [1] };
    await sendAll(producer, ['espresso'], { headers });
    await eventually(() => expect(seen).toHaveLength(3));
    expect(new Set(seen)).toEqual(new Set(['espresso 5 7']));
    expect(other.inbox.texts).toEqual(['espresso']);
    expect(first(other.inbox.received).headers).toEqual(headers);
  });

  test('a header named __proto__ is a header and nothing else', async () => {
    const broker = new MemoryBroker();
    const headers = JSON.parse('{"__proto__": {"polluted": true}}');
    await broker.publish('orders', { payload: null, headers });
    const kept = broker.records('orders')[0]?.headers ?? {};
    expect(Object.keys(kept)).toEqual(['__proto__']);
    expect('polluted' in kept).toBe(false);
  });

  test('what cannot be carried in a header is refused', async () => {
    const broker = new MemoryBroker();
    const headers = JSON.parse('{}');
    headers.callback = () => {};
    await expect(broker.publish('orders', { payload: null, headers })).rejects.toMatchObject({
      code: 'HEADER_INVALID',
    });
    expect(broker.records('orders')).toEqual([]);
  });

  test('a payload of maxRecordBytes passes, one byte more is refused', async () => {
    const local = await openBinder(new MemoryBroker({ maxRecordBytes: 10 }));
    const producer = await local.producer('orders');
    await producer.send(record('0123456789'));
    await expect(producer.send(record('0123456789a'))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});
