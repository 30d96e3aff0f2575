import { eventually } from '../eventually';
import { Gate } from '../gate';
import { Order } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 2 });

const body = (id: string): string => JSON.stringify({ id });

test('one partition is handled one at a time and in order, also with many workers', async () => {
  const running = new Map<number, number>();
  const seen: Record<number, string[]> = { 0: [], 1: [] };
  let overlaps = 0;
  await world().sink(Order, { concurrency: 8 }, async (order, { delivery }) => {
    const partition = delivery?.partition ?? -1;
    const others = running.get(partition) ?? 0;
    overlaps += others;
    running.set(partition, others + 1);
    seen[partition]?.push(order.id);
    await new Promise((resolve) => setImmediate(resolve));
    running.set(partition, others);
  });
  const ids = Array.from({ length: 30 }, (_, index) => `${index}`);
  for (const id of ids) await world().publish('orders', body(id), { partition: Number(id) % 2 });
  await eventually(() => expect((seen[0]?.length ?? 0) + (seen[1]?.length ?? 0)).toBe(30));
  expect(overlaps).toBe(0);
  expect(seen[0]).toEqual(ids.filter((id) => Number(id) % 2 === 0));
  expect(seen[1]).toEqual(ids.filter((id) => Number(id) % 2 === 1));
});

test('two partitions are handled at the same time when concurrency allows it', async () => {
  const gate = new Gate();
  const begun: string[] = [];
  await world().sink(Order, { concurrency: 2 }, async (order) => {
    begun.push(order.id);
    await gate.passed;
  });
  await world().publish('orders', body('a'), { partition: 0 });
  await world().publish('orders', body('b'), { partition: 1 });
  await eventually(() => expect(begun.sort()).toEqual(['a', 'b']));
  gate.open();
});

test('ordering by key keeps the order of a key while other keys of its partition go on', async () => {
  const gate = new Gate();
  const handled: string[] = [];
  await world().sink(Order, { concurrency: 4, ordering: 'key' }, async (order, { key }) => {
    if (order.id === 'a1') await gate.passed;
    handled.push(`${key}:${order.id}`);
  });
  for (const id of ['a1', 'a2', 'b1', 'b2', 'a3', 'b3']) {
    await world().publish('orders', body(id), { key: id.slice(0, 1), partition: 0 });
  }
  await eventually(() => expect(handled).toEqual(['b:b1', 'b:b2', 'b:b3']));
  gate.open();
  await eventually(() => expect(handled.slice(3)).toEqual(['a:a1', 'a:a2', 'a:a3']));
});

test('messages without a key have no order among themselves under ordering by key', async () => {
  const gate = new Gate();
  const handled: string[] = [];
  await world().sink(Order, { concurrency: 2, ordering: 'key' }, async (order) => {
    if (order.id === 'slow') await gate.passed;
    handled.push(order.id);
  });
  for (const id of ['slow', 'x', 'y']) await world().publish('orders', body(id), { partition: 0 });
  await eventually(() => expect(handled).toEqual(['x', 'y']));
  gate.open();
  await eventually(() => expect(handled).toEqual(['x', 'y', 'slow']));
});

test('without ordering even one key overlaps, up to the concurrency and never beyond it', async () => {
  const gate = new Gate();
  let running = 0;
  let peak = 0;
  let handled = 0;
  await world().sink(Order, { concurrency: 3, ordering: 'none' }, async () => {
    running += 1;
    peak = Math.max(peak, running);
    await gate.passed;
    running -= 1;
    handled += 1;
  });
  for (let index = 0; index < 9; index += 1)
    await world().publish('orders', body(`${index}`), { key: 'same', partition: 0 });
  await eventually(() => expect(running).toBe(3));
  gate.open();
  await eventually(() => expect(handled).toBe(9));
  expect(peak).toBe(3);
});

describe.each([
  ['key', { key: 'a', partition: 0 }, { key: 'b', partition: 0 }],
  ['partition', { key: 'a', partition: 0 }, { key: 'b', partition: 1 }],
] as const)('a retried message under ordering by %s', (ordering, own, other) => {
  test('is not overtaken by later ones of its lane, while other lanes proceed even with one worker', async () => {
    const retried = new Gate();
    const handled: string[] = [];
    const retry = { ...swift.retry, backOff: { initial: 200, multiplier: 1, jitter: 0 } };
    const app = await world().sink(Order, { ordering, concurrency: 1, retry }, (order, { attempt }) => {
      if (order.id === 'a1' && attempt < 3) throw new Error('grinder jammed');
      handled.push(order.id);
    });
    app.events.on('retry', () => retried.open());
    await world().publish('orders', body('a1'), own);
    await retried.passed;
    await world().publish('orders', body('a2'), own);
    await world().publish('orders', body('b1'), other);
    await eventually(() => expect(handled).toEqual(['b1', 'a1', 'a2']));
  });
});
