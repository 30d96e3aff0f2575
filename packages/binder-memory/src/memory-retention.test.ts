import { settlements } from '@millrace/core/spi';
import { allQuiet, eventually, isSettled } from '../test/eventually';
import { Inbox, text } from '../test/inbox';
import { numbered, openBinder, record, sendAll, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

describe('retention', () => {
  const kept = (broker: MemoryBroker, destination: string): string[] => broker.records(destination).map(text);

  test('without a group the oldest records give way', async () => {
    const broker = new MemoryBroker({ retention: { records: 3 } });
    for (const name of numbered(10)) await broker.publish('orders', record(name));
    expect(kept(broker, 'orders')).toEqual(['7', '8', '9']);
  });

  test('the bound in bytes counts payload, key and headers', async () => {
    const broker = new MemoryBroker({ retention: { bytes: 300 } });
    const more = { key: 'k'.repeat(30), headers: { h: 'x'.repeat(29) } };
    for (const name of numbered(10)) await broker.publish('orders', record(name.repeat(40), more));
    expect(kept(broker, 'orders')).toEqual(['7', '8', '9'].map((name) => name.repeat(40)));
  });

  test('a record larger than the whole bound is taken alone', async () => {
    const broker = new MemoryBroker({ retention: { bytes: 10 } });
    await broker.publish('orders', record('small'));
    await broker.publish('orders', record('x'.repeat(50)));
    expect(kept(broker, 'orders')).toEqual(['x'.repeat(50)]);
  });

  test('a group that comes later reads what is kept', async () => {
    const local = await openBinder(new MemoryBroker({ retention: { records: 5 } }));
    const destination = unique('orders');
    await sendAll(await local.producer(destination), numbered(8));
    const { inbox } = await local.consumer(destination, { group: 'late' });
    await eventually(() => expect(inbox.texts).toEqual(['3', '4', '5', '6', '7']));
  });

  test('send waits while the oldest record is unfinished, and goes on in order when room is made', async () => {
    const broker = new MemoryBroker({ retention: { records: 3 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'slow' });
    inbox.hold();
    const producer = await local.producer(destination);
    await sendAll(producer, numbered(3));
    const waiting = ['3', '4'].map((name) => producer.send(record(name)));
    expect(await isSettled(Promise.race(waiting))).toBe(false);
    expect(kept(broker, destination)).toEqual(['0', '1', '2']);
    expect(local.log).toEqual([
      expect.objectContaining({ level: 'warn', facts: expect.objectContaining({ destination, groups: ['slow'] }) }),
    ]);
    inbox.settle('0');
    await waiting[0];
    expect(kept(broker, destination)).toEqual(['1', '2', '3']);
    expect(await isSettled(waiting[1] as Promise<void>)).toBe(false);
    inbox.settle('1');
    await waiting[1];
    await eventually(() => expect(inbox.texts).toEqual(numbered(5)));
    expect(local.log).toHaveLength(1);
  });

  test('a small record does not overtake a large one that waits', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1, retention: { bytes: 100 } }));
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'g' });
    inbox.hold();
    const producer = await local.producer(destination);
    const names = ['a'.repeat(90), 'b'.repeat(50), 'c'];
    const sending = names.map((name) => producer.send(record(name)));
    await eventually(() => expect(inbox.openTexts).toEqual([names[0]]));
    await allQuiet();
    expect(inbox.texts).toEqual([names[0]]);
    inbox.answer(() => settlements.ack).settleAll();
    await Promise.all(sending);
    await eventually(() => expect(inbox.texts).toEqual(names));
  });

  test('room is made by whatever record is finished, not only by the oldest', async () => {
    const broker = new MemoryBroker({ partitions: 1, retention: { records: 3 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'g' });
    inbox.answer((got) => (text(got) === '0' ? { verdict: 'requeue', delayMs: 60_000 } : settlements.ack));
    await sendAll(await local.producer(destination), numbered(1_000));
    await eventually(() => expect(inbox.received).toHaveLength(1_000));
    expect(kept(broker, destination)).toContain('0');
    expect(broker.lag(destination, 'g')).toBe(1);
    await broker.close();
  });

  test('the slowest group decides; nothing is lost to any', async () => {
    const local = await openBinder(new MemoryBroker({ retention: { records: 10 } }));
    const destination = unique('orders');
    const fast = await local.consumer(destination, { group: 'fast' });
    const slow = await local.consumer(destination, { group: 'slow', prefetch: 1 });
    slow.inbox.answer(async () => {
      await allQuiet(1);
      return settlements.ack;
    });
    await sendAll(await local.producer(destination), numbered(200));
    await eventually(() => expect(slow.inbox.received).toHaveLength(200));
    expect(slow.inbox.texts).toEqual(numbered(200));
    expect(fast.inbox.texts).toEqual(numbered(200));
  });

  test('a group made while records wait to be dropped gets them all', async () => {
    const broker = new MemoryBroker({ retention: { records: 4 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const first = await local.consumer(destination, { group: 'first' });
    const producer = await local.producer(destination);
    await sendAll(producer, numbered(4));
    await eventually(() => expect(broker.lag(destination, 'first')).toBe(0));
    const inbox = new Inbox().hold();
    await local.consumer(destination, { group: 'second', deliver: (got) => inbox.deliver(got) });
    const waiting = producer.send(record('4'));
    expect(await isSettled(waiting)).toBe(false);
    await eventually(() => expect(inbox.openTexts).toEqual(numbered(4)));
    inbox.settleAll();
    await waiting;
    await eventually(() => expect(first.inbox.texts).toEqual(numbered(5)));
  });

  test('close of a producer waits for its sends', async () => {
    const local = await openBinder(new MemoryBroker({ retention: { records: 1 } }));
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'g' });
    inbox.hold();
    const producer = await local.producer(destination);
    await producer.send(record('0'));
    const sending = producer.send(record('1'));
    const closing = producer.close();
    expect(await isSettled(closing)).toBe(false);
    await eventually(() => inbox.settle('0'));
    await Promise.all([sending, closing]);
    await expect(producer.send(record('2'))).rejects.toMatchObject({ code: 'APPLICATION_STOPPED' });
  });

  test('a binder that closes rejects its waiting sends, and only its own', async () => {
    const broker = new MemoryBroker({ retention: { records: 1 } });
    const destination = unique('orders');
    const reader = await openBinder(broker);
    const { inbox } = await reader.consumer(destination, { group: 'g' });
    inbox.hold();
    const [one, other] = [await openBinder(broker), await openBinder(broker)];
    const producer = await one.producer(destination);
    await producer.send(record('0'));
    const given = expect(producer.send(record('lost'))).rejects.toMatchObject({ code: 'APPLICATION_STOPPED' });
    const staying = (await other.producer(destination)).send(record('1'));
    await one.binder.close();
    await given;
    inbox.settle('0');
    await staying;
    await eventually(() => expect(inbox.texts).toEqual(['0', '1']));
  });

  test('a broker that closes rejects every waiting send', async () => {
    const broker = new MemoryBroker({ retention: { records: 1 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const producer = await local.producer(destination, { requiredGroups: ['g'] });
    await producer.send(record('0'));
    const waiting = [producer.send(record('1')), broker.publish(destination, record('2'))];
    await broker.close();
    for (const { status } of await Promise.allSettled(waiting)) expect(status).toBe('rejected');
    await expect(broker.publish(destination, record('3'))).rejects.toMatchObject({ code: 'APPLICATION_STOPPED' });
  });
});
