import { type DeadLetter, type InboundRecord, MillraceError } from '@millrace/core/spi';
import { allQuiet, eventually } from '../test/eventually';
import { text } from '../test/inbox';
import { boundTo, context, numbered, openBinder, record, sendAll, unique } from '../test/open-binder';
import { binder, MemoryBroker, memoryBinder } from './index';

const letterFor = (failed: InboundRecord, kind: DeadLetter['kind'] = 'failed'): DeadLetter => ({
  record: failed,
  kind,
  code: undefined,
  errorName: 'TypeError',
  errorMessage: 'out of milk',
  errorStack: 'TypeError: out of milk',
  attempts: 3,
  binding: 'orders/g',
  group: 'g',
  time: new Date(99),
});

const onDeadLetters = { destination: undefined, invalidDestination: undefined };

describe('the module', () => {
  test('fills in the defaults and refuses what it does not know', () => {
    expect(binder.type).toBe('memory');
    expect(binder.options.parse({})).toEqual({
      partitions: 4,
      retention: { records: 10_000, bytes: 64 * 1024 * 1024 },
      maxRecordBytes: 8 * 1024 * 1024,
    });
    expect(binder.options.safeParse({ retention: { recrods: 5 } }).success).toBe(false);
    expect(binder.consumerOptions.parse({})).toEqual({ startFrom: 'earliest' });
    expect(binder.producerOptions.safeParse({ acks: 'all' }).success).toBe(false);
    expect(memoryBinder(new MemoryBroker()).options.safeParse({ partitions: 1 }).success).toBe(false);
  });

  test('a broker names every wrong option', () => {
    const make = (): MemoryBroker => new MemoryBroker({ partitions: 0, retention: { records: -1 } });
    expect(make).toThrow(MillraceError);
    expect(make).toThrow(/partitions: .*; retention\.records: /);
  });

  test('two binders of the module are two brokers', async () => {
    const options = binder.options.parse({});
    const one = boundTo(await binder.create(context(options)));
    const other = boundTo(await binder.create(context(options)));
    const here = await one.consumer('orders');
    const there = await other.consumer('orders');
    await (await one.producer('orders')).send(record('a'));
    await eventually(() => expect(here.inbox.texts).toEqual(['a']));
    expect(there.inbox.texts).toEqual([]);
    await one.binder.close();
    await one.binder.close();
    await other.binder.close();
  });

  test('a closed binder takes no more; its shared broker lives on', async () => {
    const broker = new MemoryBroker();
    const first = await openBinder(broker);
    const producer = await first.producer('orders');
    await producer.send(record('a'));
    await producer.close();
    await first.binder.close();
    const { inbox } = await (await openBinder(broker)).consumer('orders', { group: 'g' });
    await eventually(() => expect(inbox.texts).toEqual(['a']));
  });
});

describe('destinations and partitions', () => {
  test('are apart from each other', async () => {
    const local = await openBinder(new MemoryBroker());
    const names = numbered(20, unique('orders'));
    const consumers = await Promise.all(names.map((name) => local.consumer(name, { group: 'g' })));
    await Promise.all(
      names.map(async (name) => sendAll(await local.producer(name), ['1', '2'], { headers: { name } })),
    );
    await allQuiet();
    for (const [index, { inbox }] of consumers.entries()) {
      expect(inbox.received.map(({ headers }) => headers.name)).toEqual([names[index], names[index]]);
    }
  });

  test('records of one key share a partition, many keys spread, and no key goes in turn', async () => {
    const broker = new MemoryBroker();
    for (const key of numbered(40)) {
      await broker.publish('keyed', record('x', { key }));
      await broker.publish('keyed', record('y', { key }));
    }
    const partitionsOf = (key: string): Set<number> =>
      new Set(broker.records('keyed').flatMap((kept) => (kept.key === key ? [kept.partition] : [])));
    for (const key of numbered(40)) expect(partitionsOf(key).size).toBe(1);
    expect(new Set(broker.records('keyed').map(({ partition }) => partition)).size).toBe(4);
    for (const name of numbered(8)) await broker.publish('free', record(name));
    expect(broker.records('free').map(({ partition }) => partition)).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  });

  test('partitionCount raises the number, on the way too; keys stay where they were', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'g' });
    const live = await local.consumer(destination);
    const plain = await local.producer(destination);
    await sendAll(plain, ['a'], { key: 'k' });
    const chosen = await local.producer(destination, { partitionCount: 9 });
    await sendAll(chosen, ['b'], { partition: 8 });
    await sendAll(plain, ['c'], { key: 'k' });
    await eventually(() => expect(inbox.texts).toEqual(['a', 'b', 'c']));
    expect(inbox.received[1]?.partition).toBe(8);
    expect(inbox.received[2]?.partition).toBe(inbox.received[0]?.partition);
    expect(live.inbox.texts).toEqual(['a', 'b', 'c']);
  });

  test('a partition that does not exist is refused', async () => {
    const local = await openBinder(new MemoryBroker());
    const producer = await local.producer(unique('orders'), { partitionCount: 2 });
    for (const partition of [4, -1, 0.5]) {
      await expect(producer.send(record('x', { partition }))).rejects.toMatchObject({
        code: 'SEND_FAILED',
        retryable: false,
      });
    }
  });

  test('a producer cannot send to a pattern', async () => {
    const local = await openBinder(new MemoryBroker());
    await expect(local.producer('orders.*')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });
});

describe('patterns', () => {
  test('mean what is there and what comes later, and nothing else', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    await broker.publish('orders.eu', record('before'));
    const { inbox } = await local.consumer('orders.*', { group: 'g' });
    const live = await local.consumer('orders.*');
    await broker.publish('orders.us', record('later'));
    await broker.publish('orders', record('no'));
    await broker.publish('ordersXeu', record('no'));
    await broker.publish('my.orders.eu', record('no'));
    await broker.publish('orders.eu.west', record('dots'));
    await eventually(() => expect(inbox.texts).toEqual(['before', 'later', 'dots']));
    expect(live.inbox.texts).toEqual(['later', 'dots']);
  });

  test('end with their consumer, and the group goes on in the next one', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const first = await local.consumer('orders.*', { group: 'g' });
    await broker.publish('orders.eu', record('1'));
    await eventually(() => expect(first.inbox.texts).toEqual(['1']));
    await first.close();
    await broker.publish('orders.us', record('2'));
    await broker.publish('orders.eu', record('3'));
    const second = await local.consumer('orders.*', { group: 'g' });
    await eventually(() => expect(second.inbox.texts).toEqual(['2', '3']));
    expect(first.inbox.texts).toEqual(['1']);
  });

  test('a consumer is never fed its own dead letters', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const all = await local.consumer('*', { group: 'g', deadLetter: onDeadLetters });
    const named = { destination: 'orders.dead', invalidDestination: 'orders.bad' };
    const orders = await local.consumer('orders.*', { group: 'h', deadLetter: named });
    const letters = await local.consumer('error.*', { group: 'g', deadLetter: onDeadLetters });
    await broker.publish('orders.eu', record('1'));
    await eventually(() => expect(all.inbox.texts).toEqual(['1']));
    await eventually(() => expect(orders.inbox.texts).toEqual(['1']));
    await all.deadLetter?.(letterFor(all.inbox.received[0] as InboundRecord));
    await orders.deadLetter?.(letterFor(orders.inbox.received[0] as InboundRecord));
    await orders.deadLetter?.(letterFor(orders.inbox.received[0] as InboundRecord, 'invalid'));
    await eventually(() => expect(letters.inbox.texts).toEqual(['1']));
    await letters.deadLetter?.(letterFor(letters.inbox.received[0] as InboundRecord));
    await allQuiet();
    expect(letters.inbox.texts).toEqual(['1']);
    expect(orders.inbox.texts).toEqual(['1']);
    expect(broker.deadLetters('orders.eu', 'g').map(text)).toEqual(['1']);
    expect([...broker.records('orders.dead'), ...broker.records('orders.bad')]).toHaveLength(2);
    expect(broker.deadLetters('error.orders.eu.g', 'g')).toHaveLength(1);
  });
});

describe('dead letters', () => {
  test('carry the original bytes, key and headers, the reason, and the same partition', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const destination = unique('orders');
    const { inbox, deadLetter } = await local.consumer(destination, { group: 'g', deadLetter: onDeadLetters });
    const producer = await local.producer(destination, { partitionCount: 8 });
    await producer.send(record('espresso', { key: 'k', partition: 3, headers: { table: 5 } }));
    await eventually(() => expect(inbox.received).toHaveLength(1));
    await deadLetter?.(letterFor(inbox.received[0] as InboundRecord));
    const [letter] = broker.deadLetters(destination, 'g');
    expect(letter).toMatchObject({
      destination: `error.${destination}.g`,
      payload: new Uint8Array(Buffer.from('espresso')),
      key: 'k',
      partition: 3,
      headers: {
        table: 5,
        'x-original-topic': destination,
        'x-original-partition': 3,
        'x-original-offset': '0',
        'x-exception-message': 'out of milk',
        millrace_deadLetterKind: 'failed',
        millrace_deadLetterGroup: 'g',
      },
    });
  });

  test('are read like any other destination, from the start', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const { inbox, deadLetter } = await local.consumer(destination, { group: 'g', deadLetter: onDeadLetters });
    await sendAll(await local.producer(destination), ['a']);
    await eventually(() => expect(inbox.received).toHaveLength(1));
    await deadLetter?.(letterFor(inbox.received[0] as InboundRecord));
    const letters = await local.consumer(`error.${destination}.g`, { group: 'people' });
    await eventually(() => expect(letters.inbox.texts).toEqual(['a']));
  });

  test('of a destination that grew go where there is room', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const destination = unique('orders');
    const { inbox, deadLetter } = await local.consumer(destination, { group: 'g', deadLetter: onDeadLetters });
    await sendAll(await local.producer(destination, { partitionCount: 9 }), ['a'], { partition: 8 });
    await eventually(() => expect(inbox.received).toHaveLength(1));
    await deadLetter?.(letterFor(inbox.received[0] as InboundRecord));
    expect(broker.deadLetters(destination, 'g')).toHaveLength(1);
  });

  test('invalid ones go to their own place when one is named', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const destination = unique('orders');
    const deadLetter = { destination: undefined, invalidDestination: 'bad' };
    const consumer = await local.consumer(destination, { group: 'g', deadLetter });
    await sendAll(await local.producer(destination), ['a']);
    await eventually(() => expect(consumer.inbox.received).toHaveLength(1));
    await consumer.deadLetter?.(letterFor(consumer.inbox.received[0] as InboundRecord, 'invalid'));
    await consumer.deadLetter?.(letterFor(consumer.inbox.received[0] as InboundRecord, 'failed'));
    expect(broker.records('bad')).toHaveLength(1);
    expect(broker.deadLetters(destination, 'g')).toHaveLength(1);
  });

  test('are not offered where none are wanted', async () => {
    const consumer = await (await openBinder(new MemoryBroker())).consumer('orders', { group: 'g' });
    expect('deadLetter' in consumer).toBe(false);
  });

  test('a failed write rejects', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const { inbox, deadLetter } = await local.consumer('orders', { group: 'g', deadLetter: onDeadLetters });
    await broker.publish('orders', record('a'));
    await eventually(() => expect(inbox.received).toHaveLength(1));
    await broker.close();
    await expect(deadLetter?.(letterFor(inbox.received[0] as InboundRecord))).rejects.toBeInstanceOf(MillraceError);
  });
});
