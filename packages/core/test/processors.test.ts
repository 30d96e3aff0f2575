import { type Application, Message, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import { eventually } from './eventually';
import { Order, Receipt } from './messages';
import { swift, useWorld } from './world';

const world = useWorld({ partitions: 1 });

@injectable()
class Cashier {
  @Source(Receipt) readonly receipts!: Source<Receipt>;

  @Sink(Order, swift)
  @Source(Receipt)
  bill(order: Order): Receipt | readonly (Receipt | Message<Receipt>)[] | undefined {
    if (order.id === 'none') return undefined;
    if (order.id === 'several')
      return [new Receipt('a'), new Message(new Receipt('b'), { mark: 'b' }), new Receipt('c')];
    return new Receipt(order.id);
  }
}

const texts = (): string[] =>
  world()
    .broker.records('receipts')
    .map(({ payload }) => JSON.parse(Buffer.from(payload ?? []).toString()).order);

test('a list is several messages in order, nothing is none, an object is one', async () => {
  const app = await world().start({ components: [Cashier] });
  for (const id of ['none', 'several', 'one']) await app.send(Order, new Order(id));
  await eventually(() => expect(texts()).toEqual(['a', 'b', 'c', 'one']));
});

test('a header of a name that nobody may send is left behind, and the others go along', async () => {
  await world().start({ components: [Cashier] });
  const headers = Object.fromEntries([
    ['__proto__', { polluted: 1 }],
    ['mark', 'input'],
  ]);
  await world().publish('orders', '{"id":"one"}', { headers });
  await eventually(() => expect(texts()).toEqual(['one']));
  expect(world().broker.records('receipts')[0]?.headers).toMatchObject({ mark: 'input' });
});

test("the input's own headers go along, the transport's do not, and the output's are stronger", async () => {
  await world().start({ components: [Cashier] });
  await world().publish('orders', '{"id":"several"}', {
    headers: { mark: 'input', 'x-original-topic': 'elsewhere', kafka_offset: 7, millrace_id: 'input-id' },
  });
  await eventually(() => expect(texts()).toEqual(['a', 'b', 'c']));
  const headers = world()
    .broker.records('receipts')
    .map((record) => record.headers);
  expect(headers.map(({ mark }) => mark)).toEqual(['input', 'b', 'input']);
  for (const each of headers) {
    expect(each).not.toHaveProperty('x-original-topic');
    expect(each).not.toHaveProperty('kafka_offset');
    expect(each.millrace_id).not.toBe('input-id');
  }
  expect(new Set(headers.map(({ millrace_id }) => millrace_id)).size).toBe(3);
});

test('a source on a property is there after construction, and a declared field does not hide it', async () => {
  const app = await world().start({ components: [Cashier] });
  await app.get(Cashier).receipts.send(new Receipt('by property'));
  expect(texts()).toEqual(['by property']);
});

test('the same message class is a new instance for each of two groups', async () => {
  const seen: Order[] = [];
  const app = await world().create();
  for (const group of ['one', 'two']) await app.sink(Order, { group }, (order) => void seen.push(order));
  await app.start();
  await app.send(Order, new Order('1'));
  await eventually(() => expect(seen).toHaveLength(2));
  expect(seen[0]).toEqual(seen[1]);
  expect(seen[0]).not.toBe(seen[1]);
  expect(seen[0]).toBeInstanceOf(Order);
});

test('receive: message hands over the message first', async () => {
  @injectable()
  class Reader {
    static readonly seen: string[] = [];
    @Sink(Order, { receive: 'message' })
    read(message: Message<Order>): void {
      Reader.seen.push(
        `${message.payload.id} ${message.headers.mark} ${message.delivery?.destination} ${message.attempt}`,
      );
    }
  }
  const app = await world().start({ components: [Reader] });
  await app.send(Order, new Order('1'), { headers: { mark: 'x' } });
  await eventually(() => expect(Reader.seen).toEqual(['1 x orders 1']));
});

test('the key of the channel becomes the key of the record, and an option of the call is stronger', async () => {
  const app = await world().start();
  await app.send(Order, new Order('1', 'anna'));
  await app.send(Order, new Order('2', 'anna'), { key: 'berta' });
  await app.send(Order, new Message(new Order('3', 'anna'), {}, { key: 'carla' }));
  await app.send(Order, new Order('4'));
  expect(
    world()
      .broker.records('orders')
      .map(({ key }) => key),
  ).toEqual(['anna', 'berta', 'carla', undefined]);
});

test('a configured property path is stronger than the key of the channel', async () => {
  const app = await world().start({ config: { bindings: { orders: { producer: { key: 'id' } } } } });
  await app.send(Order, new Order('1', 'anna'));
  expect(
    world()
      .broker.records('orders')
      .map(({ key }) => key),
  ).toEqual(['1']);
});

test('destination and group come from configuration, and code never learns of them', async () => {
  const config = { app: 'shop', bindings: { orders: { destination: 'coffee.orders' } } };
  const handled: string[] = [];
  const app = await world().sink(Order, { group: 'baristas' }, (order) => void handled.push(order.id), { config });
  await app.send(Order, new Order('1'));
  await eventually(() => expect(handled).toEqual(['1']));
  expect(world().broker.records('coffee.orders')).toHaveLength(1);
  await eventually(() => expect(world().broker.lag('coffee.orders', 'baristas')).toBe(0));
});

test('what a method sends belongs to its message, also with the first sender that the application gives', async () => {
  let app: Application | undefined;
  @injectable()
  class Clerk {
    readonly sent: Promise<void>[] = [];

    @Sink(Order)
    take({ id }: Order): void {
      this.sent.push((app as Application).source(Receipt).send(new Receipt(id)));
    }
  }
  app = await world().start({ components: [Clerk] });
  await world().publish('orders', '{"id":"first"}', {
    headers: { correlationId: 'of-the-order', millrace_id: 'order' },
  });
  await world().publish('orders', '{"id":"second"}', {
    headers: { correlationId: 'of-another', millrace_id: 'other' },
  });
  await eventually(() => expect(texts()).toEqual(['first', 'second']));
  const headers = world()
    .broker.records('receipts')
    .map((record) => [record.headers.correlationId, record.headers.millrace_causationId]);
  expect(headers).toEqual([
    ['of-the-order', 'order'],
    ['of-another', 'other'],
  ]);
});
