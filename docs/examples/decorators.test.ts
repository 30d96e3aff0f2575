import { channel } from '@millrace/core';
import { type TestApplication, type TestApplicationOptions, testApplication } from '@millrace/testing';
import {
  Archive,
  Auditor,
  archived,
  audited,
  Barista,
  Billing,
  Cancellation,
  Cancellations,
  Cashier,
  Clock,
  CoffeeReady,
  Counter,
  charged,
  Heart,
  Heartbeat,
  Ledger,
  Lines,
  Order,
  OrderCopies,
  order,
  Payment,
  Payments,
  Point,
  Points,
  Price,
  PriceCache,
  Receipt,
  Splitter,
  served,
  stored,
  Till,
  Timekeeper,
  Warehouse,
} from './decorators';

let shop: TestApplication;
const open = async (
  components: TestApplicationOptions['components'],
  more: TestApplicationOptions = {},
): Promise<void> => {
  shop = await testApplication({ config: { app: 'shop' }, components: components ?? [], ...more });
};
afterEach(() => shop.stop());

test('a sink: payload, message and signal; Reject, RetryLater and other failures', async () => {
  await open([Barista]);
  for (const drink of ['espresso', 'unicorn latte', 'cold brew', 'decaf']) await shop.emit(Order, order('Mia', drink));
  await shop.settled();
  expect(await shop.sent(CoffeeReady)).toHaveLength(2);
  const letters = await shop.deadLetters(Order, 'baristas');
  expect(letters.map(({ payload, reason }) => [payload?.drink, reason.code, reason.attempts])).toEqual([
    ['unicorn latte', 'HANDLER_REJECTED', 1],
    ['decaf', undefined, 3],
  ]);
});

test('options in the decorator', async () => {
  await open([Cashier]);
  await shop.emit(Order, order('Mia'));
  await shop.settled();
  expect(charged).toEqual(['Mia']);
});

test("receive: 'message'", async () => {
  await open([Auditor]);
  await shop.emit(Order, order('Mia'), { headers: { tenant: 'hall' } });
  await shop.settled();
  expect(audited).toEqual([['espresso', 'hall', 'Mia', 'orders']]);
});

test('batches: only the items named are retried and dead-lettered', async () => {
  await open([Warehouse, Archive]);
  await Promise.all(['espresso', 'decaf', 'mocha'].map((drink) => shop.emit(Order, order('Mia', drink))));
  await shop.settled();
  expect(stored).toEqual(['espresso', 'mocha']);
  expect((await shop.deadLetters(Order)).map(({ payload, reason }) => [payload?.drink, reason.attempts])).toEqual([
    ['decaf', 3],
  ]);
  expect(new Set(archived).size).toBe(3);
});

test('filters, in the order of declaration', async () => {
  await open([Counter]);
  await shop.emit(Order, order('Mia', 'tea'));
  await shop.emit(Order, order('Mia', 'mocha'), { headers: { tenant: 'hall' } });
  await shop.emit(Order, order('Mia', 'espresso'));
  await shop.settled();
  expect(served).toEqual(['tea for Mia', 'the hall for Mia', 'espresso for Mia']);
});

test('broadcast', async () => {
  await open([PriceCache]);
  await shop.emit(Price, Object.assign(new Price(), { drink: 'mocha', cents: 400 }));
  await shop.settled();
  expect(shop.get(PriceCache).cents.get('mocha')).toBe(400);
});

test('sources: property, processor, several outputs', async () => {
  await open([Till, Billing, Splitter]);
  await shop.get(Till).print('Theo', 100);
  await shop.emit(Order, order('Mia', 'mocha', 2));
  await shop.emit(Order, order('staff'));
  await shop.settled();
  expect((await shop.sent(Receipt)).map(({ payload }) => [payload.customer, payload.cents])).toEqual([
    ['Theo', 100],
    ['Mia', 700],
  ]);
  expect(
    (await shop.sent(CoffeeReady)).map(({ payload, headers, key }) => [payload.customer, headers.cup, key]),
  ).toEqual([
    ['Mia', 0, 'Mia'],
    ['Mia', 1, 'Mia'],
    ['staff', 0, 'staff'],
  ]);
});

test('a polled source', async () => {
  await open([Heart]);
  await new Promise<void>((resolve) => {
    shop.app.events.on('poll', () => resolve());
  });
  expect((await shop.sent(Heartbeat)).map(({ payload }) => payload.beat)).toEqual([1]);
});

test('several classes on one channel; a class nobody takes goes to the dead letter', async () => {
  await open([Ledger]);
  await shop.emit(Payments, Object.assign(new Payment(), { cents: 350 }));
  await shop.emit(Cancellations, Object.assign(new Cancellation(), { reason: 'spilled' }));
  await shop.emit(
    channel('till', Receipt, { type: 'receipt' }),
    Object.assign(new Receipt(), { customer: 'Mia', cents: 1 }),
  );
  await shop.settled();
  expect(shop.get(Ledger).lines.sort()).toEqual(['+350', 'spilled']);
  const letters = await shop.deadLetters(Payments);
  expect(letters.map(({ reason }) => reason.code)).toEqual(['TYPE_UNKNOWN']);
});

test('without emitted metadata', async () => {
  await open([Timekeeper, Clock]);
  await shop.get(Timekeeper).tick();
  expect(await shop.sent(Heartbeat)).toHaveLength(1);
});

test('the imperative twins', async () => {
  await open([]);
  const { app } = shop;
  const mia = order('Mia');
  // #region imperative
  const orders = app.source(Order); // what @Source injects
  await orders.send(mia);

  await app.send(Order, mia, { key: 'table 4', headers: { tenant: 'hall' } });
  await app.send(Order, mia, { destination: 'orders.eu' }); // a topic of that name instead, same binder

  const audit = await app.sink(Order, { group: 'audit' }, async (order, message) => {
    audited.push([message.key, order.drink]);
  });
  // #endregion
  await shop.settled();
  // #region imperative-stop
  await audit.stop(); // drained, and removed
  // #endregion
  expect(audited.slice(-2)).toEqual([
    ['Mia', 'espresso'],
    ['table 4', 'espresso'],
  ]);
  expect(audit.state).toBe('stopped');
  expect((await shop.sent(Order)).map(({ delivery }) => delivery?.destination)).toEqual([
    'orders',
    'orders',
    'orders.eu',
  ]);
});

test('bindings are steered one by one', async () => {
  await open([Barista]);
  const { app } = shop;
  const log = jest.spyOn(console, 'log').mockReturnValue();
  // #region bindings
  for (const { name, direction, destinations, state } of app.bindings())
    console.log(direction, name, destinations.join(), state); // consumer orders/baristas orders running

  const baristas = app.binding('orders/baristas');
  await baristas?.pause(); // takes no further message; what runs goes on
  await baristas?.resume();
  await baristas?.stop(); // drained
  await baristas?.start();
  // #endregion
  expect(log).toHaveBeenCalledWith('consumer', 'orders/baristas', 'orders', 'running');
  log.mockRestore();
  expect(baristas?.state).toBe('running');
});

test('tokens', async () => {
  await open([]);
  const seen: unknown[] = [];
  await shop.app.sink(Points, {}, (point) => void seen.push(point));
  await shop.app.sink(Lines, {}, (line) => void seen.push(line));
  await shop.app.send(Points, Object.assign(new Point(), { x: 1 }));
  await shop.app.send(Lines, 'first');
  await shop.app.send(OrderCopies, order('Mia'));
  await shop.settled();
  expect(seen).toEqual([Object.assign(new Point(), { x: 1 }), 'first']);
  expect(await shop.sent(OrderCopies)).toHaveLength(1);
});
