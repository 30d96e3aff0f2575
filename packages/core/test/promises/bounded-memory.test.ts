import type { Application } from '@millrace/core';
import { eventually, turns } from '../eventually';
import { Gate } from '../gate';
import { Order } from '../messages';
import { useWorld } from '../world';

const world = useWorld({ partitions: 1, retention: { records: 20 } });

async function stuckSink(prefetch: number): Promise<{ app: Application; gate: Gate; handled: string[] }> {
  const gate = new Gate();
  const handled: string[] = [];
  const app = await world().sink(Order, { prefetch }, async (order) => {
    await gate.passed;
    handled.push(order.id);
  });
  return { app, gate, handled };
}

test('a stuck handler takes no more than prefetch messages in hand', async () => {
  const { app, gate, handled } = await stuckSink(5);
  for (let id = 0; id < 20; id += 1) await app.send(Order, new Order(`${id}`));
  await eventually(() => expect(world().binder.open).toBe(5));
  await turns();
  expect(world().binder.peak).toBe(5);
  gate.open();
  await eventually(() => expect(handled).toHaveLength(20));
  expect(world().binder.peak).toBe(5);
});

test('prefetch follows concurrency where the author did not choose', async () => {
  const gate = new Gate();
  let asked: number | undefined;
  world().binder.interference.bindConsumer = async ({ prefetch }) => {
    asked = prefetch;
  };
  await world().sink(Order, { concurrency: 10 }, () => gate.passed);
  expect(asked).toBe(80);
  gate.open();
});

test('sends wait while a slow consumer is behind, and all arrive when it goes on', async () => {
  const { app, gate, handled } = await stuckSink(5);
  let sent = 0;
  const sends = Array.from({ length: 60 }, async (_, id) => {
    await app.send(Order, new Order(`${id}`));
    sent += 1;
  });
  await eventually(() => expect(sent).toBe(20));
  await turns();
  expect(sent).toBe(20);
  expect(world().broker.records('orders')).toHaveLength(20);
  gate.open();
  await Promise.all(sends);
  await eventually(() => expect(new Set(handled).size).toBe(60));
});

test('a blocked output slows the input', async () => {
  const gate = new Gate();
  world().binder.interference.send = (destination) => (destination === 'orders.copy' ? gate.passed : Promise.resolve());
  let begun = 0;
  const app = await world().create();
  const copies = app.source(Order);
  await app.sink(Order, { prefetch: 3 }, async (order) => {
    begun += 1;
    await copies.send(order, { destination: 'orders.copy' });
  });
  await app.start();
  for (let id = 0; id < 10; id += 1) await world().publish('orders', `{"id":"${id}"}`);
  await eventually(() => expect(begun).toBe(1));
  await turns();
  expect(begun).toBe(1);
  expect(world().binder.peak).toBeLessThanOrEqual(3);
  gate.open();
  await eventually(() => expect(world().broker.records('orders.copy')).toHaveLength(10));
});
