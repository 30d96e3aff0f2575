import { channel, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { NotQuiet, type TestApplication, testApplication } from '../src/index';
import { Barista, CoffeeReady, Order, order } from './shop';

let shop: TestApplication;

afterEach(() => shop.stop({ deadlineMs: 10 }));

const config = { app: 'shop' };

test('it waits for a chain of applications’ work, started and not awaited', async () => {
  const hops: number[] = [];
  shop = await testApplication({ config });
  const Hops = channel('hops', 'text');
  await shop.app.sink(Hops, {}, async (line) => {
    const hop = Number(line);
    await new Promise((resolve) => setTimeout(resolve, 2));
    hops.push(hop);
    if (hop < 20) await shop.app.send(Hops, `${hop + 1}`);
  });
  void shop.app.send(Hops, '1');
  await shop.settled();
  expect(hops).toHaveLength(20);
});

test('it waits for hundreds of messages, and then there are none left', async () => {
  shop = await testApplication({ config, components: [Barista] });
  for (let ticket = 1; ticket <= 500; ticket += 1) void shop.emit(Order, order(ticket));
  await shop.settled({ timeout: '20s' });
  expect(await shop.sent(CoffeeReady)).toHaveLength(500);
});

test('it is settled at once where nothing happens', async () => {
  shop = await testApplication({ config, components: [Barista] });
  await shop.settled({ timeout: 100 });
});

test('it says what is busy when the time is over', async () => {
  shop = await testApplication({ config, components: [Barista] });
  const never = new Promise<void>(() => undefined);
  await shop.app.sink(Order, { group: 'sleepers', prefetch: 1 }, () => never);
  await shop.app.sink(Order, { broadcast: true }, () => never);
  await shop.emit(Order, order(1));
  await shop.emit(Order, order(2, 'cold brew'));
  const failure = await shop.settled({ timeout: 50 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(NotQuiet);
  expect((failure as NotQuiet).message).toBe(
    [
      'the application is not quiet after 50 ms:',
      "  'orders', group 'baristas': 1 set aside for a delayed retry",
      "  'orders', group 'sleepers': 1 in the hands of its sink, 1 waiting",
      "  'orders', a broadcast consumer: 2 in the hands of its sink",
    ].join('\n'),
  );
  await expect(shop.settled({ timeout: 'soon' as never })).rejects.toThrow(RangeError);
});

test('it says which sends are not acknowledged', async () => {
  const full = { ...config, binders: { local: { type: 'memory', retention: { records: 1 } } } };
  shop = await testApplication({ config: full });
  await shop.app.sink(Order, {}, () => new Promise<void>(() => undefined));
  await shop.emit(Order, order(1));
  const late = [shop.emit(Order, order(2)), shop.app.send(Order, order(3))].map((send) => send.catch(() => undefined));
  await expect(shop.settled({ timeout: 50 })).rejects.toMatchObject({
    busy: expect.arrayContaining(['emit(): 1 not acknowledged yet', 'orders: 1 not acknowledged yet']),
  });
  await shop.stop({ deadlineMs: 1 });
  await Promise.all(late);
});

test('what is set aside for a delayed retry can be left alone', async () => {
  shop = await testApplication({ config, components: [Barista] });
  await shop.emit(Order, order(1, 'cold brew'));
  await shop.settled({ delayed: 'leave' });
  expect(shop.get(Barista).attempts).toEqual([1]);
});

test('a short delay is waited for', async () => {
  const delays = { bindings: { orders: { consumer: { retry: { maxAttempts: 2, delays: [20, '30ms' as const] } } } } };
  shop = await testApplication({ config: { ...config, ...delays }, components: [Barista] });
  await shop.emit(Order, order(1, 'decaf'));
  await shop.settled();
  expect(shop.get(Barista).attempts).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await shop.deadLetters(Order)).toMatchObject([{ reason: { attempts: 6 } }]);
});

test('paused and stopped bindings are not waited for', async () => {
  shop = await testApplication({ config, components: [Barista] });
  const baristas = shop.app.binding('orders/baristas');
  await baristas?.pause();
  await shop.emit(Order, order(1));
  await shop.settled({ timeout: 500 });
  await baristas?.resume();
  await shop.settled();
  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
  await baristas?.stop();
  await shop.emit(Order, order(2));
  await shop.settled({ timeout: 500 });
});

test('every broadcast consumer is through with its copy', async () => {
  shop = await testApplication({ config });
  const heard: number[] = [];
  await shop.app.sink(Order, { broadcast: true }, async ({ ticket }) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    heard.push(ticket);
  });
  for (const ticket of [1, 2, 3]) await shop.emit(Order, order(ticket));
  await shop.settled();
  expect(heard).toEqual([1, 2, 3]);
});

test('a broadcast that fails keeps nothing but a failure', async () => {
  shop = await testApplication({ config });
  await shop.app.sink(Order, { broadcast: true, retry: { maxAttempts: 1 } }, () => {
    throw new Error('deaf');
  });
  await shop.emit(Order, order(1));
  await shop.settled();
  expect(shop.failures()).toMatchObject([{ where: 'orders/*', outcome: 'discarded' }]);
  expect(await shop.deadLetters(Order)).toEqual([]);
});

test('batches are waited for, the last one though it is not full', async () => {
  class Baker {
    readonly batches: number[][] = [];
    @Sink(Order, { batch: { size: 2, wait: 10 }, ordering: 'none' })
    bake(orders: readonly Order[]): void {
      this.batches.push(orders.map(({ ticket }) => ticket));
    }
  }
  injectable()(Baker);
  shop = await testApplication({ config, components: [Baker] });
  for (const ticket of [1, 2, 3]) await shop.emit(Order, order(ticket));
  await shop.settled();
  expect(shop.get(Baker).batches).toEqual([[1, 2], [3]]);
});

test('retries in place wait as configured where that is asked for', async () => {
  const backOff = { initial: 60, jitter: 0, multiplier: 1 };
  const slow = { ...config, bindings: { orders: { groups: { baristas: { retry: { backOff } } } } } };
  const took = async (waits: 'none' | 'as configured'): Promise<number> => {
    shop = await testApplication({ config: slow, components: [Barista], backOff: waits });
    const startedAt = performance.now();
    await shop.emit(Order, order(1, 'decaf'));
    await shop.settled();
    expect(shop.get(Barista).attempts).toEqual([1, 2, 3]);
    await shop.stop();
    return performance.now() - startedAt;
  };
  expect(await took('as configured')).toBeGreaterThan(115);
  expect(await took('none')).toBeLessThan(115);
});
