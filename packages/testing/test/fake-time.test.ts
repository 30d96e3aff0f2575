import { Channel, Source } from '@millrace/core';
import { IsInt } from 'class-validator';
import { injectable } from 'inversify';
import { type TestApplication, testApplication } from '../src/index';
import { Barista, CoffeeReady, Order, order } from './shop';

@Channel('heartbeats')
class Heartbeat {
  @IsInt() count = 0;
}

@injectable()
class Heart {
  #count = 0;

  @Source(Heartbeat, { every: '1h' })
  beat(): Heartbeat {
    this.#count += 1;
    if (this.#count === 2) throw new Error('skipped a beat');
    return Object.assign(new Heartbeat(), { count: this.#count });
  }
}

const HOUR = 3_600_000;
let shop: TestApplication;

// #region fake-timers
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] });
});

afterEach(async () => {
  jest.useRealTimers();
  await shop.stop();
});
// #endregion fake-timers

// #region delayed-retry
test('cold brew is asked for again every hour', async () => {
  shop = await testApplication({ components: [Barista], config: { app: 'shop' } });
  await shop.emit(Order, order(1, 'cold brew'));
  await shop.settled({ delayed: 'leave' });
  expect(shop.get(Barista).attempts).toEqual([1]);

  await jest.advanceTimersByTimeAsync(2 * HOUR);
  await shop.settled();
  expect(shop.get(Barista).attempts).toEqual([1, 2, 3]);
  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
});
// #endregion delayed-retry

// #region polled-source
test('the heart beats every hour', async () => {
  shop = await testApplication({ components: [Heart], config: { app: 'shop' } });
  await jest.advanceTimersByTimeAsync(3 * HOUR);
  await shop.settled();
  expect((await shop.sent(Heartbeat)).map(({ payload }) => payload.count)).toEqual([1, 3]);
  expect(shop.failures()).toMatchObject([{ where: 'Heart.beat', outcome: 'pollFailed' }]);
});
// #endregion polled-source

test('retries in place need the clock moved, though they wait for nothing', async () => {
  shop = await testApplication({ components: [Barista], config: { app: 'shop' } });
  await shop.emit(Order, order(1, 'flaky'));
  await jest.advanceTimersByTimeAsync(0);
  await shop.settled();
  expect(await shop.sent(CoffeeReady)).toHaveLength(1);
});

test('the patience of settled() is real time', async () => {
  shop = await testApplication({ components: [Barista], config: { app: 'shop' } });
  await shop.emit(Order, order(1, 'cold brew'));
  await expect(shop.settled({ timeout: 20 })).rejects.toThrow('1 set aside for a delayed retry');
});
