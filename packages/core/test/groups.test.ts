import { eventually, turns } from './eventually';
import { Order } from './messages';
import { useWorld } from './world';

const world = useWorld({ partitions: 4 });

const ids = Array.from({ length: 40 }, (_, id) => `${id}`);

async function sendAll(): Promise<void> {
  const app = await world().start();
  for (const id of ids) await app.send(Order, new Order(id));
}

const collector = (): { seen: string[]; handler: (order: Order) => void } => {
  const seen: string[] = [];
  return { seen, handler: (order) => void seen.push(order.id) };
};

test('each of two groups gets every message', async () => {
  const [baristas, cashiers] = [collector(), collector()];
  await world().sink(Order, { group: 'baristas' }, baristas.handler);
  await world().sink(Order, { group: 'cashiers' }, cashiers.handler);
  await sendAll();
  for (const { seen } of [baristas, cashiers]) {
    await eventually(() => expect([...seen].sort()).toEqual([...ids].sort()));
  }
});

test('instances of one group share the messages, each message going to exactly one', async () => {
  const members = [collector(), collector()];
  for (const { handler } of members) await world().sink(Order, { group: 'baristas' }, handler);
  await sendAll();
  await eventually(() => expect(members.flatMap(({ seen }) => seen).sort()).toEqual([...ids].sort()));
  expect(members.map(({ seen }) => seen.length > 0)).toEqual([true, true]);
});

test('the group of a sink that names none is the application', async () => {
  const { seen, handler } = collector();
  const app = await world().sink(Order, {}, handler, { config: { app: 'cafe' } });
  await sendAll();
  await eventually(() => expect(seen).toHaveLength(ids.length));
  expect(app.bindings().map(({ name, group }) => ({ name, group }))).toEqual([{ name: 'orders/cafe', group: 'cafe' }]);
});

test('every broadcast instance gets every message sent while it runs, and none from before', async () => {
  await sendAll();
  const instances = [collector(), collector()];
  for (const { handler } of instances) await world().sink(Order, { broadcast: true }, handler);
  await turns();
  expect(instances.map(({ seen }) => seen)).toEqual([[], []]);
  await sendAll();
  for (const { seen } of instances) await eventually(() => expect([...seen].sort()).toEqual([...ids].sort()));
});

test('a named group that comes later sees what was sent before', async () => {
  await sendAll();
  const { seen, handler } = collector();
  await world().sink(Order, { group: 'late' }, handler);
  await eventually(() => expect([...seen].sort()).toEqual([...ids].sort()));
});
