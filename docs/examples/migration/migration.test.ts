import { join } from 'node:path';
import { testApplication } from '@millrace/testing';
import { Barista, Billing, CoffeeReady, Order, order, Receipt } from '../decorators';
import { Payments } from './errors';

const config = join(__dirname, 'millrace.yaml');

test('a test of an application, without a broker', async () => {
  // #region test
  const shop = await testApplication({ components: [Billing], config });
  await shop.emit(Order, order('Mia', 'mocha', 2)); // from outside
  await shop.settled(); // nothing waits, runs or is on its way
  expect((await shop.sent(Receipt))[0]?.payload).toMatchObject({ customer: 'Mia', cents: 700 });
  expect(await shop.deadLetters(Order)).toEqual([]);
  await shop.stop();
  // #endregion
});

test('the configuration names destinations, key and partitions', async () => {
  const shop = await testApplication({ components: [Billing], config });
  await shop.emit(Order, order('Mia'));
  await shop.settled();
  const [receipt] = await shop.sent(Receipt);
  expect([receipt?.key, receipt?.delivery?.destination]).toEqual(['Mia', 'coffee.receipts']);
  expect(shop.app.binding('orders/billing')?.destinations).toEqual(['coffee.orders']);
  await shop.stop();
});

test('an invalid message is a dead letter with the reason, and the handler is not called', async () => {
  const shop = await testApplication({ components: [Barista], config: { app: 'shop' } });
  // #region invalid
  await shop.emitRaw(Order, '{"customer":"Mia","drink":"mocha","quantity":0}');
  await shop.settled();
  const [letter] = await shop.deadLetters(Order, 'baristas');
  expect(letter?.reason).toMatchObject({ kind: 'invalid', code: 'PAYLOAD_INVALID', attempts: 0 });
  expect(await shop.sent(CoffeeReady)).toEqual([]);
  // #endregion
  await shop.stop();
});

test('Reject, RetryLater and other errors', async () => {
  const shop = await testApplication({ components: [Payments], config: { app: 'shop' } });
  await shop.emit(Order, order('Mia', 'mocha', 101));
  await shop.emit(Order, order('Mia', 'decaf'));
  await shop.emit(Order, order('Mia', 'cold brew'));
  await shop.settled({ delayed: 'leave' });
  expect((await shop.deadLetters(Order)).map(({ reason }) => reason.attempts)).toEqual([1, 5]);
  await shop.stop();
});
