import { eventually } from '../eventually';
import { Order } from '../messages';
import { useWorld } from '../world';

const world = useWorld({ partitions: 1 });

const fails = (): never => {
  throw new Error('no such drink');
};

test('a durable group keeps what it cannot handle without having asked for it', async () => {
  await world().sink(Order, {}, fails);
  await world().publish('orders', '{"id":"1"}', { headers: { mark: 'mine' }, key: 'k' });
  await eventually(() => expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1));
  const [letter] = world().broker.deadLetters('orders', 'shop');
  expect(letter).toMatchObject({ key: 'k', headers: { mark: 'mine' } });
  expect(Buffer.from(letter?.payload ?? []).toString()).toBe('{"id":"1"}');
});

test('deadLetter: discard throws away by name, tells it as an event, and goes on', async () => {
  const handled: string[] = [];
  const app = await world().sink(Order, { deadLetter: 'discard' }, (order) =>
    order.id === 'bad' ? fails() : void handled.push(order.id),
  );
  const discarded: unknown[] = [];
  app.events.on('discard', ({ binding, kind, attempts }) => discarded.push({ binding, kind, attempts }));
  await world().publish('orders', '{"id":"bad"}');
  await world().publish('orders', 'nonsense');
  await world().publish('orders', '{"id":"good"}');
  await eventually(() => expect(handled).toEqual(['good']));
  expect(discarded).toEqual([
    { binding: 'orders/shop', kind: 'failed', attempts: 3 },
    { binding: 'orders/shop', kind: 'invalid', attempts: 0 },
  ]);
  expect(world().broker.deadLetters('orders', 'shop')).toEqual([]);
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
});

test('a broadcast consumer keeps nothing: what it cannot handle is told and counted, and it goes on', async () => {
  const handled: string[] = [];
  const app = await world().sink(Order, { broadcast: true }, (order) =>
    order.id === 'bad' ? fails() : void handled.push(order.id),
  );
  const discarded: string[] = [];
  app.events.on('discard', ({ binding }) => discarded.push(binding));
  await world().publish('orders', '{"id":"bad"}');
  await world().publish('orders', '{"id":"good"}');
  await eventually(() => expect(handled).toEqual(['good']));
  expect(discarded).toEqual(['orders/*']);
  expect(world().binder.journal.filter((line) => line.startsWith('dead letter'))).toEqual([]);
});

test('a destination of its own for dead letters is used instead of the name the binder gives', async () => {
  await world().sink(Order, { deadLetter: { destination: 'graveyard' } }, fails);
  await world().publish('orders', '{"id":"1"}');
  await eventually(() => expect(world().broker.records('graveyard')).toHaveLength(1));
  expect(world().broker.deadLetters('orders', 'shop')).toEqual([]);
});
