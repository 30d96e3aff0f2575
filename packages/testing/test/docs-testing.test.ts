import { randomUUID } from 'node:crypto';
import { Millrace, type MillraceConfig, type Source } from '@millrace/core';
import { Container, injectable } from 'inversify';
import { type TestApplication, testApplication } from '../src/index';
import { Barista, CoffeeReady, Order, order } from './shop';

// #region unit
test('a barista announces the coffee', async () => {
  const ready = { channel: {} as Source<CoffeeReady>['channel'], send: jest.fn() };
  const barista = new Barista(ready);

  await barista.brew(order(1, 'mocha'), { attempt: 1 } as never);

  expect(ready.send).toHaveBeenCalledWith({ ticket: 1, drink: 'mocha' });
});
// #endregion unit

// #region harness
let shop: TestApplication;

beforeEach(async () => {
  shop = await testApplication({ components: [Barista], config: { app: 'shop' } });
});

afterEach(() => shop.stop());

test('an order becomes a coffee', async () => {
  await shop.emit(Order, order(1, 'mocha'));
  await shop.settled();

  const coffees = await shop.sent(CoffeeReady);
  expect(coffees.map(({ payload }) => payload)).toEqual([{ ticket: 1, drink: 'mocha' }]);
  expect(shop.failures()).toEqual([]);
});
// #endregion harness

// #region dead-letter
test('what nobody can make is in the dead letter', async () => {
  await shop.emit(Order, order(2, 'unicorn latte'));
  await shop.settled();

  const [letter] = await shop.deadLetters(Order, 'baristas');
  expect(letter?.payload?.drink).toBe('unicorn latte');
  expect(letter?.reason).toMatchObject({ kind: 'failed', message: 'nobody can make that', attempts: 1 });
});
// #endregion dead-letter

// #region raw
test('bytes that are no order are kept as they came', async () => {
  await shop.emitRaw(Order, 'one mocha, please', { headers: { from: 'a stranger' } });
  await shop.settled();

  const [letter] = await shop.deadLetters(Order);
  expect(letter?.text).toBe('one mocha, please');
  expect(letter?.reason.kind).toBe('invalid');
});
// #endregion raw

// #region failures
test('a jammed grinder is tried again', async () => {
  await shop.emit(Order, order(3, 'flaky'));
  await shop.settled();

  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
  expect(shop.failures()).toMatchObject([{ where: 'orders/baristas', outcome: 'retried', attempt: 1 }]);
});
// #endregion failures

test('settled can insist that nothing failed', async () => {
  await shop.emit(Order, order(3, 'flaky'));
  const check = async (): Promise<void> => {
    // #region insist
    await shop.settled({ failures: 'throw' });
    // #endregion insist
  };
  await expect(check()).rejects.toThrow('the grinder jammed');
});

@injectable()
class Beans {
  grams = 1_000;
}

test('services come from the container', async () => {
  // #region container
  const container = new Container();
  container.bind(Beans).toConstantValue({ grams: 0 });
  const empty = await testApplication({ components: [Barista], container, config: { app: 'shop' } });
  // #endregion container
  expect(empty.get(Beans).grams).toBe(0);
  await empty.stop();
});

// #region using
test('an application that is stopped by itself', async () => {
  await using bar = await testApplication({ components: [Barista], config: { app: 'bar' } });
  await bar.emit(Order, order(1));
  await bar.settled();
  expect(await bar.sent(CoffeeReady)).toHaveLength(1);
});
// #endregion using

// #region real-broker
const broker: NonNullable<MillraceConfig['binders']>[string] = JSON.parse(
  process.env.TEST_BINDER ?? '{ "type": "memory" }',
);

test('an order becomes a coffee, on any broker', async () => {
  const run = randomUUID();
  const app = await Millrace.create({
    components: [Barista],
    config: {
      app: `shop-${run}`,
      binders: { main: broker },
      bindings: { orders: { destination: `orders-${run}` }, 'coffee-ready': { destination: `coffee-${run}` } },
    },
    logger: false,
  });
  const coffee = new Promise<CoffeeReady>((resolve) => void app.sink(CoffeeReady, {}, resolve));
  await app.start();

  await app.send(Order, order(1, 'mocha'));

  expect(await coffee).toEqual({ ticket: 1, drink: 'mocha' });
  await app.stop();
});
// #endregion real-broker
