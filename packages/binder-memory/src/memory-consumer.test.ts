import { type Settlement, settlements } from '@millrace/core/spi';
import { allQuiet, eventually, isSettled } from '../test/eventually';
import { Inbox } from '../test/inbox';
import { numbered, type OpenConsumer, openBinder, record, sendAll, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

const sorted = (texts: readonly string[]): string[] => [...texts].sort();

describe('deliveries', () => {
  test('never more open than prefetch, and as many as prefetch, over all partitions and destinations', async () => {
    const local = await openBinder(new MemoryBroker());
    const destinations = [unique('orders'), unique('orders')];
    const { inbox } = await local.consumer('both', { destinations, group: 'g', prefetch: 5 });
    inbox.hold();
    for (const destination of destinations) await sendAll(await local.producer(destination), numbered(20));
    await allQuiet();
    expect(inbox.openTexts).toHaveLength(5);
    for (let index = 0; index < 8; index += 1) {
      inbox.settleAll();
      await allQuiet();
    }
    expect(inbox.received).toHaveLength(40);
    expect(inbox.mostOpen).toBe(5);
  });

  test('several destinations are read as one stream, in order of arrival', async () => {
    const local = await openBinder(new MemoryBroker());
    const destinations = [unique('orders'), unique('refunds')] as const;
    const producers = [await local.producer(destinations[0]), await local.producer(destinations[1])] as const;
    for (const name of numbered(10)) await producers[Number(name) % 2]?.send(record(name));
    const { inbox } = await local.consumer('both', { destinations, group: 'g' });
    await eventually(() => expect(inbox.texts).toEqual(numbered(10)));
    expect(inbox.received.slice(0, 2).map(({ destination }) => destination)).toEqual([...destinations]);
  });

  test('a destination named twice is read once', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const { inbox } = await local.consumer('x', { destinations: [destination, destination, `${destination}*`] });
    await sendAll(await local.producer(destination), ['a']);
    await allQuiet();
    expect(inbox.texts).toEqual(['a']);
  });

  test('a paused consumer is handed nothing new; open deliveries go on', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const consumer = await local.consumer(destination, { group: 'g', prefetch: 1 });
    const { inbox } = consumer;
    inbox.hold();
    const producer = await local.producer(destination);
    await sendAll(producer, ['a', 'b']);
    await eventually(() => expect(inbox.openTexts).toEqual(['a']));
    await consumer.pause?.();
    inbox.settle('a');
    await sendAll(producer, ['c']);
    await allQuiet();
    expect(inbox.openTexts).toEqual([]);
    inbox.answer(() => settlements.ack);
    await consumer.resume?.();
    await eventually(() => expect(inbox.texts).toEqual(['a', 'b', 'c']));
  });

  test('a consumer that is already woken is handed nothing after pause', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const consumer = await local.consumer(destination, { group: 'g' });
    const producer = await local.producer(destination);
    const sending = producer.send(record('a'));
    await consumer.pause?.();
    await sending;
    await allQuiet();
    expect(consumer.inbox.texts).toEqual([]);
  });

  test('close waits for open deliveries, takes no new ones, and the verdicts count', async () => {
    const broker = new MemoryBroker({ partitions: 1 });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const consumer = await local.consumer(destination, { group: 'g', prefetch: 2 });
    const { inbox } = consumer;
    inbox.hold();
    await sendAll(await local.producer(destination), numbered(4));
    await eventually(() => expect(inbox.openTexts).toEqual(['0', '1']));
    const closing = [consumer.close(), consumer.close()];
    expect(await isSettled(Promise.race(closing))).toBe(false);
    inbox.settle('0');
    expect(await isSettled(Promise.race(closing))).toBe(false);
    inbox.settle('1', settlements.requeue);
    await Promise.all(closing);
    await allQuiet();
    expect(inbox.received).toHaveLength(2);
    expect(broker.lag(destination, 'g')).toBe(3);
    const next = await local.consumer(destination, { group: 'g' });
    await eventually(() => expect(next.inbox.texts).toEqual(['1', '2', '3']));
  });

  test('a delivery that ends without a verdict comes again and is reported, until one succeeds', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const seen: number[] = [];
    const failures = [
      () => Promise.reject(new Error('bug')),
      () => {
        throw new Error('bug');
      },
      () => undefined as unknown as Promise<Settlement>,
      () => Promise.resolve({ verdict: 'requeue', delayMs: 1, headers: { bad: (() => {}) as never } } as const),
    ];
    const consumer = await local.consumer(destination, {
      group: 'g',
      prefetch: 1,
      deliver: (got) => {
        seen.push(got.deliveries);
        const fail = failures[seen.length - 1];
        return fail === undefined ? Promise.resolve(settlements.ack) : fail();
      },
    });
    await sendAll(await local.producer(destination), ['a', 'b']);
    await eventually(() => expect(seen).toEqual([1, 2, 3, 4, 5, 1]));
    await allQuiet();
    expect(consumer.reports.map((trouble) => trouble instanceof Error)).toEqual([true, true, true, true, false]);
    await consumer.close();
  });

  test('a binder that closes gives back what its consumers hold; late verdicts count no more', async () => {
    const broker = new MemoryBroker({ partitions: 1 });
    const destination = unique('orders');
    const dying = await openBinder(broker);
    const stuck = await dying.consumer(destination, { group: 'g' });
    stuck.inbox.hold();
    await sendAll(await dying.producer(destination), ['a', 'b']);
    await eventually(() => expect(stuck.inbox.openTexts).toEqual(['a', 'b']));
    const heir = await (await openBinder(broker)).consumer(destination, { group: 'g' });
    heir.inbox.hold();
    const closing = stuck.close();
    await dying.binder.close();
    await closing;
    await eventually(() => expect(heir.inbox.openTexts).toEqual(['a', 'b']));
    stuck.inbox.settleAll();
    await allQuiet();
    expect(broker.lag(destination, 'g')).toBe(2);
    heir.inbox.settleAll();
    await eventually(() => expect(broker.lag(destination, 'g')).toBe(0));
    expect(heir.inbox.received.map(({ deliveries }) => deliveries)).toEqual([2, 2]);
  });

  test('a late verdict does not count either when its record was parked meanwhile and is out again', async () => {
    const broker = new MemoryBroker({ partitions: 1 });
    const destination = unique('orders');
    const dying = await openBinder(broker);
    const stuck = await dying.consumer(destination, { group: 'g' });
    stuck.inbox.hold();
    await sendAll(await dying.producer(destination), ['a']);
    await eventually(() => expect(stuck.inbox.openTexts).toEqual(['a']));
    await dying.binder.close();
    const inbox = new Inbox().hold();
    const deliver = inbox.deliver.bind(inbox);
    await (await openBinder(broker)).consumer(destination, { group: 'g', deliver });
    await eventually(() => inbox.settle('a', { verdict: 'requeue', delayMs: 1 }));
    await eventually(() => expect(inbox.openTexts).toEqual(['a']));
    stuck.inbox.settleAll();
    await allQuiet();
    expect(broker.lag(destination, 'g')).toBe(1);
    inbox.settle('a');
    await eventually(() => expect(broker.lag(destination, 'g')).toBe(0));
  });

  test('timers get their turn while records flow in a circle', async () => {
    const broker = new MemoryBroker();
    const local = await openBinder(broker);
    const destination = unique('circle');
    const producer = await local.producer(destination);
    let rounds = 0;
    let ended = false;
    const { inbox, close } = await local.consumer(destination, { group: 'g' });
    inbox.answer(async () => {
      rounds += 1;
      if (!ended && rounds < 1_000_000) await producer.send(record('again'));
      return settlements.ack;
    });
    await producer.send(record('start'));
    await new Promise((resolve) => setTimeout(resolve, 10));
    ended = true;
    await close();
    expect(rounds).toBeLessThan(1_000_000);
  });

  test('timers get their turn while somebody only sends', async () => {
    const local = await openBinder(new MemoryBroker());
    const producer = await local.producer(unique('orders'));
    let ended = false;
    setTimeout(() => {
      ended = true;
    }, 5);
    let sent = 0;
    while (!ended && sent < 5_000_000) {
      await producer.send(record('x'));
      sent += 1;
    }
    expect(sent).toBeLessThan(5_000_000);
  });

  test('a busy consumer does not keep the others waiting', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const [busy, calm] = [unique('busy'), unique('calm')];
    await sendAll(await local.producer(busy), numbered(9_000));
    const flood = await local.consumer(busy, { group: 'g', prefetch: 1_000 });
    let floodWasAt = Number.POSITIVE_INFINITY;
    const { inbox } = await local.consumer(calm, { group: 'g' });
    inbox.answer(() => {
      floodWasAt = flood.inbox.received.length;
      return settlements.ack;
    });
    await (await local.producer(calm)).send(record('x'));
    await eventually(() => expect(inbox.texts).toEqual(['x']));
    expect(floodWasAt).toBeLessThan(5_000);
    await eventually(() => expect(flood.inbox.received).toHaveLength(9_000));
  });

  test('5 000 records of 50 producers to 50 members: the set is complete', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 50, retention: { records: 200 } }));
    const destination = unique('orders');
    const members: OpenConsumer[] = [];
    for (let index = 0; index < 50; index += 1) {
      members.push(await local.consumer(destination, { group: 'g', prefetch: 3 }));
    }
    const batches = numbered(50).map((name) => numbered(100, `${name}-`));
    await Promise.all(batches.map(async (batch) => sendAll(await local.producer(destination), batch)));
    await eventually(() => expect(members.flatMap(({ inbox }) => inbox.texts)).toHaveLength(5_000));
    expect(sorted(members.flatMap(({ inbox }) => inbox.texts))).toEqual(sorted(batches.flat()));
    for (const { inbox } of members) expect(inbox.received.length).toBeGreaterThan(0);
  });
});
