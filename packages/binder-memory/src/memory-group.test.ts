import { settlements } from '@millrace/core/spi';
import { allQuiet, eventually, isSettled } from '../test/eventually';
import { numbered, type OpenConsumer, openBinder, record, sendAll, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

const sorted = (texts: readonly string[]): string[] => [...texts].sort();

describe('groups', () => {
  test('two groups each get every record, one of them late', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const early = await local.consumer(destination, { group: 'early' });
    const producer = await local.producer(destination);
    await sendAll(producer, numbered(10));
    const late = await local.consumer(destination, { group: 'late' });
    await eventually(() => expect(late.inbox.texts).toEqual(numbered(10)));
    expect(early.inbox.texts).toEqual(numbered(10));
  });

  test('three members share: each record goes to one, and all of them work', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const members: OpenConsumer[] = [];
    for (let index = 0; index < 3; index += 1) members.push(await local.consumer(destination, { group: 'g' }));
    await sendAll(await local.producer(destination), numbered(100));
    await eventually(() => {
      expect(sorted(members.flatMap(({ inbox }) => inbox.texts))).toEqual(sorted(numbered(100)));
    });
    for (const { inbox } of members) expect(inbox.received.length).toBeGreaterThanOrEqual(25);
  });

  test('members of two applications share through one broker', async () => {
    const broker = new MemoryBroker();
    const destination = unique('orders');
    const one = await (await openBinder(broker)).consumer(destination, { group: 'g' });
    const other = await (await openBinder(broker)).consumer(destination, { group: 'g' });
    await sendAll(await (await openBinder(broker)).producer(destination), numbered(20));
    await eventually(() => expect(sorted([...one.inbox.texts, ...other.inbox.texts])).toEqual(sorted(numbered(20))));
    expect(one.inbox.received).toHaveLength(10);
  });

  test('a lone member gets records without a key in the order they were sent, over all partitions', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 7 }));
    const destination = unique('orders');
    await sendAll(await local.producer(destination), numbered(500));
    const { inbox } = await local.consumer(destination, { group: 'g', prefetch: 3 });
    await eventually(() => expect(inbox.received).toHaveLength(500));
    expect(inbox.texts).toEqual(numbered(500));
    expect(new Set(inbox.received.map(({ partition }) => partition)).size).toBe(7);
  });

  test('a group goes on where it was when its members had all gone', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const producer = await local.producer(destination);
    const first = await local.consumer(destination, { group: 'g' });
    await sendAll(producer, numbered(5, 'a'));
    await eventually(() => expect(first.inbox.received).toHaveLength(5));
    await first.close();
    await sendAll(producer, numbered(5, 'b'));
    const second = await local.consumer(destination, { group: 'g' });
    await eventually(() => expect(second.inbox.texts).toEqual(numbered(5, 'b')));
    expect(first.inbox.received).toHaveLength(5);
  });

  test('startFrom: latest skips what was there before the group, and only then', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const producer = await local.producer(destination);
    await sendAll(producer, ['before']);
    const native = { startFrom: 'latest' };
    const first = await local.consumer(destination, { group: 'g', native });
    await sendAll(producer, ['during']);
    await eventually(() => expect(first.inbox.texts).toEqual(['during']));
    await first.close();
    await sendAll(producer, ['after']);
    const second = await local.consumer(destination, { group: 'g', native });
    await eventually(() => expect(second.inbox.texts).toEqual(['after']));
  });

  test('an unknown consumer option fails at bind', async () => {
    const local = await openBinder(new MemoryBroker());
    await expect(local.consumer('orders', { group: 'g', native: { startFrm: 'latest' } })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('startFrm'),
    });
  });

  test('requiredGroups keep their copy before they have a consumer', async () => {
    const broker = new MemoryBroker({ retention: { records: 3 } });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const producer = await local.producer(destination, { requiredGroups: ['audit'] });
    await sendAll(producer, numbered(3));
    expect(broker.lag(destination, 'audit')).toBe(3);
    const fourth = producer.send(record('3'));
    expect(await isSettled(fourth)).toBe(false);
    const { inbox } = await local.consumer(destination, { group: 'audit', native: { startFrom: 'latest' } });
    await fourth;
    await eventually(() => expect(inbox.texts).toEqual(numbered(4)));
  });

  test('lag counts what is waiting, open and parked, until it is finished', async () => {
    const broker = new MemoryBroker({ partitions: 1 });
    const local = await openBinder(broker);
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { group: 'g', prefetch: 2 });
    inbox.hold();
    await sendAll(await local.producer(destination), numbered(5));
    await eventually(() => expect(inbox.openTexts).toEqual(['0', '1']));
    expect(broker.lag(destination, 'g')).toBe(5);
    inbox.settle('0', { verdict: 'requeue', delayMs: 60_000 });
    inbox.settle('1');
    await eventually(() => expect(inbox.openTexts).toEqual(['2', '3']));
    expect(broker.lag(destination, 'g')).toBe(4);
    expect(broker.lag(destination, 'unknown')).toBe(0);
    expect(broker.lag('unknown', 'g')).toBe(0);
  });
});

describe('hand-over of partitions', () => {
  test('a partition moves to a new member only when the old one has settled all it holds of it', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 2 }));
    const destination = unique('orders');
    const producer = await local.producer(destination);
    const old = await local.consumer(destination, { group: 'g', prefetch: 2 });
    old.inbox.hold();
    await sendAll(producer, ['p1-a', 'p1-b', 'p1-c'], { partition: 1 });
    await eventually(() => expect(old.inbox.openTexts).toEqual(['p1-a', 'p1-b']));

    const fresh = await local.consumer(destination, { group: 'g' });
    await allQuiet();
    expect(fresh.inbox.texts).toEqual([]);
    old.inbox.settle('p1-b');
    await allQuiet();
    expect(fresh.inbox.texts).toEqual([]);
    expect(old.inbox.openTexts).toEqual(['p1-a']);
    old.inbox.settle('p1-a', settlements.requeue);
    await eventually(() => expect(fresh.inbox.texts).toEqual(['p1-a', 'p1-c']));
    expect(fresh.inbox.received[0]?.deliveries).toBe(2);
    expect(old.inbox.texts).toEqual(['p1-a', 'p1-b']);
  });

  test('partitions of a closed member go to those that stay', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const producer = await local.producer(destination);
    const leaving = await local.consumer(destination, { group: 'g' });
    const staying = await local.consumer(destination, { group: 'g' });
    await leaving.close();
    await sendAll(producer, numbered(20));
    await eventually(() => expect(staying.inbox.texts).toEqual(numbered(20)));
    expect(leaving.inbox.texts).toEqual([]);
  });

  test('a member that comes back before it has let go keeps its partition', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 2 }));
    const destination = unique('orders');
    const producer = await local.producer(destination);
    const old = await local.consumer(destination, { group: 'g', prefetch: 1 });
    old.inbox.hold();
    await sendAll(producer, ['a', 'b'], { partition: 1 });
    await eventually(() => expect(old.inbox.openTexts).toEqual(['a']));
    const passing = await local.consumer(destination, { group: 'g' });
    await passing.close();
    old.inbox.settle('a');
    await eventually(() => expect(old.inbox.openTexts).toEqual(['b']));
    expect(passing.inbox.texts).toEqual([]);
  });

  test('more members than partitions: the surplus is idle, and steps in', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 1 }));
    const destination = unique('orders');
    const producer = await local.producer(destination);
    const first = await local.consumer(destination, { group: 'g' });
    const second = await local.consumer(destination, { group: 'g' });
    await sendAll(producer, ['a', 'b']);
    await eventually(() => expect(first.inbox.texts).toEqual(['a', 'b']));
    expect(second.inbox.texts).toEqual([]);
    await first.close();
    await sendAll(producer, ['c']);
    await eventually(() => expect(second.inbox.texts).toEqual(['c']));
  });
});

describe('static shares', () => {
  test('an instance gets the partitions of its index, whoever else is there', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 6 }));
    const destination = unique('orders');
    const odd = await local.consumer(destination, { group: 'g', instance: { index: 1, count: 2 } });
    await sendAll(await local.producer(destination), numbered(12));
    await eventually(() => expect(odd.inbox.texts).toEqual(['1', '3', '5', '7', '9', '11']));
    await allQuiet();
    expect(odd.inbox.received).toHaveLength(6);
    const even = await local.consumer(destination, { group: 'g', instance: { index: 0, count: 2 } });
    await eventually(() => expect(even.inbox.texts).toEqual(['0', '2', '4', '6', '8', '10']));
  });

  test('two members of one index share its partitions', async () => {
    const local = await openBinder(new MemoryBroker({ partitions: 4 }));
    const destination = unique('orders');
    const instance = { index: 0, count: 2 };
    const one = await local.consumer(destination, { group: 'g', instance });
    const other = await local.consumer(destination, { group: 'g', instance });
    await sendAll(await local.producer(destination), numbered(8));
    await eventually(() =>
      expect([one.inbox.texts, other.inbox.texts]).toEqual([
        ['0', '4'],
        ['2', '6'],
      ]),
    );
  });

  test('a broadcast consumer gets everything, whatever its index', async () => {
    const local = await openBinder(new MemoryBroker());
    const destination = unique('orders');
    const { inbox } = await local.consumer(destination, { instance: { index: 1, count: 2 } });
    await sendAll(await local.producer(destination), numbered(8));
    await eventually(() => expect(inbox.texts).toEqual(numbered(8)));
  });
});
