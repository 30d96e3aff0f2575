import { settlements } from '@millrace/core/spi';
import { allQuiet, eventually } from '../test/eventually';
import { numbered, type OpenBinder, openBinder, sendAll, unique } from '../test/open-binder';
import { MemoryBroker } from './memory-broker';

const requeue = settlements.requeue;
const later = (delayMs: number, headers?: Record<string, string>) => ({
  verdict: 'requeue' as const,
  delayMs,
  headers,
});

describe('settlements', () => {
  let local: OpenBinder;
  let broker: MemoryBroker;
  let destination: string;

  beforeEach(async () => {
    broker = new MemoryBroker({ partitions: 1 });
    local = await openBinder(broker);
    destination = unique('orders');
  });

  afterEach(() => broker.close());

  const send = async (...texts: string[]): Promise<void> => sendAll(await local.producer(destination), texts);

  test.each(['ack', 'reject'] as const)('%s is final: no later member sees the record', async (verdict) => {
    const first = await local.consumer(destination, { group: 'g' });
    first.inbox.answer(() => settlements[verdict]);
    await send('a', 'b');
    await eventually(() => expect(first.inbox.texts).toEqual(['a', 'b']));
    await first.close();
    const second = await local.consumer(destination, { group: 'g' });
    await allQuiet();
    expect(second.inbox.texts).toEqual([]);
    expect(broker.lag(destination, 'g')).toBe(0);
  });

  test('a requeued record comes again, counted, before later ones that were not out yet', async () => {
    const { inbox } = await local.consumer(destination, { group: 'g', prefetch: 2 });
    inbox.hold();
    await send('a', 'b', 'c', 'd');
    await eventually(() => expect(inbox.openTexts).toEqual(['a', 'b']));
    inbox.settle('b', requeue);
    await eventually(() => expect(inbox.openTexts).toEqual(['a', 'b']));
    inbox.settle('a', requeue);
    await eventually(() => expect(inbox.openTexts).toEqual(['b', 'a']));
    inbox.answer(() => settlements.ack);
    inbox.settleAll();
    await eventually(() => expect(inbox.texts).toEqual(['a', 'b', 'b', 'a', 'c', 'd']));
    expect(inbox.received.map(({ deliveries }) => deliveries)).toEqual([1, 1, 2, 2, 1, 1]);
  });

  test('several requeued at once come back in their old order', async () => {
    const first = await local.consumer(destination, { group: 'g', prefetch: 3 });
    first.inbox.hold();
    await send(...numbered(6));
    await eventually(() => expect(first.inbox.openTexts).toEqual(['0', '1', '2']));
    const closing = first.close();
    for (const text of ['1', '2', '0']) first.inbox.settle(text, requeue);
    await closing;
    const second = await local.consumer(destination, { group: 'g' });
    await eventually(() => expect(second.inbox.texts).toEqual(numbered(6)));
    expect(second.inbox.received.map(({ deliveries }) => deliveries)).toEqual([2, 2, 2, 1, 1, 1]);
  });

  test('records finished out of order are not handed out again when an earlier one comes back', async () => {
    const first = await local.consumer(destination, { group: 'g', prefetch: 4 });
    first.inbox.hold();
    await send(...numbered(5));
    await eventually(() => expect(first.inbox.openTexts).toEqual(numbered(4)));
    const closing = first.close();
    for (const text of ['3', '1', '2']) first.inbox.settle(text);
    first.inbox.settle('0', requeue);
    await closing;
    const second = await local.consumer(destination, { group: 'g' });
    await eventually(() => expect(second.inbox.texts).toEqual(['0', '4']));
    await allQuiet();
    expect(second.inbox.received).toHaveLength(2);
  });

  test('a hundred requeues, then everything arrives', async () => {
    const { inbox } = await local.consumer(destination, { group: 'g' });
    let left = 100;
    inbox.answer(() => (left-- > 0 ? requeue : settlements.ack));
    await send(...numbered(10));
    await eventually(() => expect(broker.lag(destination, 'g')).toBe(0));
    expect(inbox.received).toHaveLength(110);
  });

  test('a parked record waits for its delay, with new headers, while later ones go on', async () => {
    const { inbox } = await local.consumer(destination, { group: 'g' });
    const arrivals: number[] = [];
    let parkedAt = 0;
    inbox.answer(() => {
      arrivals.push(performance.now());
      if (inbox.texts.at(-1) !== 'a' || inbox.texts.length > 1) return settlements.ack;
      parkedAt = performance.now();
      return later(80, { attempt: '2' });
    });
    const producer = await local.producer(destination);
    await sendAll(producer, ['a'], { headers: { attempt: '1', more: 'x' }, key: 'k' });
    await sendAll(producer, ['b', 'c']);
    await eventually(() => expect(inbox.texts).toEqual(['a', 'b', 'c', 'a']));
    expect((arrivals[3] ?? 0) - parkedAt).toBeGreaterThanOrEqual(80);
    expect(inbox.received[0]?.headers).toEqual({ attempt: '1', more: 'x' });
    expect(inbox.received[3]).toMatchObject({ headers: { attempt: '2' }, key: 'k', deliveries: 1, position: '0' });
    await eventually(() => expect(broker.lag(destination, 'g')).toBe(0));
  });

  test('the new headers stay when the record is requeued again', async () => {
    const { inbox } = await local.consumer(destination, { group: 'g' });
    inbox.answer(() => {
      if (inbox.received.length === 1) return later(5, { attempt: '2' });
      return inbox.received.length === 2 ? requeue : settlements.ack;
    });
    await send('a');
    await eventually(() => expect(inbox.received).toHaveLength(3));
    expect(inbox.received.map(({ headers }) => headers)).toEqual([{}, { attempt: '2' }, { attempt: '2' }]);
    expect(broker.records(destination)[0]?.headers).toEqual({});
  });

  test('deliveries are counted anew after a delay', async () => {
    const { inbox } = await local.consumer(destination, { group: 'g' });
    inbox.answer(() => [requeue, later(1), requeue][inbox.received.length - 1] ?? settlements.ack);
    await send('a');
    await eventually(() => expect(inbox.received.map(({ deliveries }) => deliveries)).toEqual([1, 2, 1, 2]));
  });

  test('parked records belong to the group: they outlive their consumer', async () => {
    const first = await local.consumer(destination, { group: 'g' });
    let parkedAt = 0;
    first.inbox.answer(() => {
      parkedAt = performance.now();
      return later(30);
    });
    await send('a', 'b');
    await eventually(() => expect(first.inbox.received.length).toBeGreaterThanOrEqual(2));
    await first.close();
    expect(broker.lag(destination, 'g')).toBe(2);
    const second = await local.consumer(destination, { group: 'g' });
    const arrivals: number[] = [];
    second.inbox.answer(() => {
      arrivals.push(performance.now());
      return settlements.ack;
    });
    await eventually(() => expect(second.inbox.texts).toEqual(['a', 'b']));
    expect(arrivals[1]).toBeGreaterThanOrEqual(parkedAt + 30);
    expect(second.inbox.received[0]?.deliveries).toBe(1);
  });

  test('parked records keep no process alive, and a closed broker forgets them', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const { inbox } = await local.consumer(destination, { group: 'g' });
    inbox.answer(() => later(40));
    await send('a');
    await allQuiet();
    const before = timers();
    await broker.close();
    expect(timers()).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(inbox.received).toHaveLength(1);
  });

  test('a partition with an open record does not hold up the others', async () => {
    const wide = await openBinder(new MemoryBroker({ partitions: 2 }));
    const { inbox } = await wide.consumer(destination, { group: 'g' });
    inbox.hold();
    const producer = await wide.producer(destination);
    await sendAll(producer, ['stuck'], { partition: 0 });
    await eventually(() => expect(inbox.openTexts).toEqual(['stuck']));
    inbox.answer(() => settlements.ack);
    await sendAll(producer, numbered(50), { partition: 1 });
    await eventually(() => expect(inbox.received).toHaveLength(51));
  });
});
