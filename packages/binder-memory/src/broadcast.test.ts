import { settlements } from '@millrace/core/spi';
import { allQuiet, eventually } from '../test/eventually';
import { numbered, openBinder, sendAll, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

describe('broadcast consumers', () => {
  test('each gets its own copy, from now on', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const producer = await local.producer(destination);
    await sendAll(producer, ['before']);
    const one = await local.consumer(destination);
    const other = await local.consumer(destination);
    await sendAll(producer, ['a', 'b']);
    await eventually(() =>
      expect([one.inbox.texts, other.inbox.texts]).toEqual([
        ['a', 'b'],
        ['a', 'b'],
      ]),
    );
  });

  test('nothing is kept for one that has closed', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const first = await local.consumer(destination);
    first.inbox.hold();
    await sendAll(await local.producer(destination), ['a']);
    await eventually(() => expect(first.inbox.openTexts).toEqual(['a']));
    const closing = first.close();
    first.inbox.settle('a', settlements.requeue);
    await closing;
    const second = await local.consumer(destination);
    await allQuiet();
    expect([first.inbox.texts, second.inbox.texts]).toEqual([['a'], []]);
  });

  test('requeue and parking work as for a group', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination);
    inbox.answer(() => {
      if (inbox.received.length === 1) return settlements.requeue;
      return inbox.received.length === 2 ? { verdict: 'requeue', delayMs: 5 } : settlements.ack;
    });
    await sendAll(await local.producer(destination), ['a']);
    await eventually(() => expect(inbox.received.map(({ deliveries }) => deliveries)).toEqual([1, 2, 1]));
  });

  test('a slow one never holds up a send: it loses the oldest, and says so once', async () => {
    const broker = new MemoryBroker({ partitions: 1, retention: { records: 10 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const slow = await local.consumer(destination, { prefetch: 2 });
    slow.inbox.hold();
    const producer = await local.producer(destination);
    await sendAll(producer, ['0', '1']);
    await eventually(() => expect(slow.inbox.openTexts).toEqual(['0', '1']));
    await sendAll(producer, numbered(98, 'n'));
    slow.inbox.answer(() => settlements.ack);
    slow.inbox.settleAll();
    const newest = numbered(98, 'n').slice(-10);
    await eventually(() => expect(slow.inbox.texts).toEqual(['0', '1', ...newest]));
    expect(local.log.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(broker.records(destination)).toHaveLength(10);
  });

  test('what it parked is lost with its record, so that parking is bounded too', async () => {
    const broker = new MemoryBroker({ partitions: 1, retention: { records: 3 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const parking = await local.consumer(destination, { prefetch: 1 });
    parking.inbox.answer(({ position }) =>
      parking.inbox.received.filter((one) => one.position === position).length === 1
        ? { verdict: 'requeue', delayMs: 60 }
        : settlements.ack,
    );
    const producer = await local.producer(destination);
    for (const text of numbered(6)) {
      await sendAll(producer, [text]);
      await eventually(() => expect(parking.inbox.texts.at(-1)).toBe(text), 50);
    }
    await eventually(() => expect(parking.inbox.texts).toEqual([...numbered(6), '3', '4', '5']));
  });

  test('a requeue of a record dropped meanwhile is the end of it', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1, retention: { records: 1 } }));
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination);
    inbox.hold();
    const producer = await local.producer(destination);
    await sendAll(producer, ['a']);
    await eventually(() => expect(inbox.openTexts).toEqual(['a']));
    await sendAll(producer, ['b']);
    inbox.settle('a', settlements.requeue);
    await eventually(() => expect(inbox.openTexts).toEqual(['b']));
    await allQuiet();
    expect(inbox.texts).toEqual(['a', 'b']);
  });
});
