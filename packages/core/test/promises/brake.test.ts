import { type Application, BatchFailed, type MillraceEvents, Reject, type SinkOptions } from '@millrace/core';
import { eventually, turns } from '../eventually';
import { Gate } from '../gate';
import { Order } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 1 });

const body = (id: string): string => JSON.stringify({ id });
const upTo = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);

async function publish(count: number, from = 1): Promise<void> {
  for (const id of upTo(count)) await world().publish('orders', body(`${Number(id) + from - 1}`));
}

/** Something the handler needs, which is away until it is mended. */
class Oven {
  isBroken = true;
  readonly calls: string[] = [];
  readonly baked: string[] = [];

  bake(id: string): void {
    this.calls.push(id);
    if (this.isBroken) throw new Error('the oven is cold');
    this.baked.push(id);
  }
}

const long = { failures: 3, openFor: '1h' } as const;
const manyAttempts = { ...swift.retry, maxAttempts: 100 };

async function bakery(options: SinkOptions<Order>): Promise<{ app: Application; oven: Oven }> {
  const oven = new Oven();
  const given = { retry: manyAttempts, ...options, batch: undefined, receive: 'payload' } as const;
  const app = await world().sink(Order, given, (order) => oven.bake(order.id));
  return { app, oven };
}

const bindingOf = (app: Application) => app.binding('orders/shop');
const isOpen = (app: Application): Promise<void> =>
  eventually(() => expect(bindingOf(app)).toMatchObject({ brake: 'open', state: 'paused' }));

describe('an open circuit breaker', () => {
  test('pauses the binding: the binder hands over nothing, no handler is called, no message is lost or dead-lettered', async () => {
    const { app, oven } = await bakery({ circuitBreaker: long, prefetch: 2 });
    await publish(10);
    await isOpen(app);
    expect(world().binder.journal).toContain('paused consumer orders/shop');
    const { open } = world().binder;
    await publish(5, 11);
    await turns(50);
    expect(oven.calls).toHaveLength(3);
    expect(world().binder.open).toBeLessThanOrEqual(Math.max(open, 2));
    oven.isBroken = false;
    await bindingOf(app)?.resume();
    await eventually(() => expect(oven.baked).toEqual(upTo(15)));
    expect(bindingOf(app)).toMatchObject({ brake: 'off', state: 'running' });
    expect(world().broker.deadLetters('orders', 'shop')).toEqual([]);
  });

  test('tries one message when its time is over; the first success opens the way for all, in order', async () => {
    const { app, oven } = await bakery({ circuitBreaker: { failures: 3, openFor: 20 }, concurrency: 4 });
    const states: string[] = [];
    app.events.on('brake', ({ state }) => states.push(state));
    await publish(6);
    await eventually(() => expect(states.filter((state) => state === 'halfOpen').length).toBeGreaterThanOrEqual(3));
    expect(oven.calls.length).toBeLessThanOrEqual(states.length + 3);
    oven.isBroken = false;
    await eventually(() => expect(oven.baked).toEqual(upTo(6)));
    expect(states.slice(0, 4)).toEqual(['open', 'halfOpen', 'open', 'halfOpen']);
    expect(states.at(-1)).toBe('off');
  });

  test('takes a message in to try it, when it has none in hand', async () => {
    const { app, oven } = await bakery({ circuitBreaker: { failures: 1, openFor: 20 }, retry: { maxAttempts: 1 } });
    await publish(1);
    await eventually(() => expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(1));
    await eventually(() => expect(bindingOf(app)).toMatchObject({ brake: 'halfOpen', state: 'running' }));
    oven.isBroken = false;
    await publish(1, 2);
    await eventually(() => expect(oven.baked).toEqual(['2']));
  });

  test('keeps the order of a key: nothing overtakes the message that failed', async () => {
    const { app, oven } = await bakery({ circuitBreaker: long, ordering: 'key', concurrency: 8 });
    for (const id of upTo(12)) await world().publish('orders', body(id), { key: `${Number(id) % 3}`, partition: 0 });
    await isOpen(app);
    oven.isBroken = false;
    await bindingOf(app)?.resume();
    await eventually(() => expect(oven.baked).toHaveLength(12));
    for (const key of [0, 1, 2]) {
      const ofKey = oven.baked.filter((id) => Number(id) % 3 === key);
      expect(ofKey).toEqual(upTo(12).filter((id) => Number(id) % 3 === key));
    }
  });

  test('does not resume what somebody has paused', async () => {
    const { app, oven } = await bakery({ circuitBreaker: { failures: 3, openFor: 20 } });
    await publish(3);
    await isOpen(app);
    await bindingOf(app)?.pause();
    oven.isBroken = false;
    await eventually(() => expect(bindingOf(app)?.brake).not.toBe('open'));
    await turns(50);
    expect(bindingOf(app)?.state).toBe('paused');
    await publish(1, 4);
    await turns(50);
    expect(oven.calls).not.toContain('4');
    await bindingOf(app)?.resume();
    await eventually(() => expect(oven.baked).toEqual(upTo(4)));
  });

  test('holds up no stop: what waits goes back at once, and the next application handles it', async () => {
    const { app, oven } = await bakery({ circuitBreaker: long });
    await publish(5);
    await isOpen(app);
    await app.stop({ deadlineMs: 60_000 });
    expect(world().binder.open).toBe(0);
    expect(world().broker.lag('orders', 'shop')).toBe(5);
    expect(oven.calls).toHaveLength(3);
    const next = await bakery({ circuitBreaker: long });
    next.oven.isBroken = false;
    await eventually(() => expect(new Set(next.oven.baked)).toEqual(new Set(upTo(5))));
  });

  test('is closed again after a restart of the binding', async () => {
    const { app, oven } = await bakery({ circuitBreaker: long });
    await publish(1);
    await isOpen(app);
    await bindingOf(app)?.stop();
    expect(bindingOf(app)?.brake).toBe('off');
    oven.isBroken = false;
    await bindingOf(app)?.start();
    await eventually(() => expect(oven.baked).toEqual(['1']));
    expect(bindingOf(app)?.state).toBe('running');
  });

  test('a binder that cannot be paused is trouble of the binding, until it can be', async () => {
    world().binder.interference.pause = () => Promise.reject(new Error('no connection'));
    const { app, oven } = await bakery({ circuitBreaker: { failures: 3, openFor: 20 } });
    await publish(3);
    await eventually(() => expect(bindingOf(app)?.trouble?.message).toMatch(/could not be paused: no connection/));
    delete world().binder.interference.pause;
    oven.isBroken = false;
    await eventually(() => expect(oven.baked).toEqual(upTo(3)));
    await eventually(() => expect(app.health().status).toBe('up'));
  });
});

describe('what does not speak of an outage does not put the brake on', () => {
  test.each<[string, SinkOptions<Order>, (id: string) => void]>([
    [
      'Reject',
      {},
      () => {
        throw new Reject('no such drink');
      },
    ],
    [
      'errors that are never retried',
      { retry: { ...swift.retry, except: ['TypeError'] } },
      () => {
        throw new TypeError('not a drink');
      },
    ],
    [
      'failures with successes between them',
      { retry: { maxAttempts: 1 } },
      (id) => {
        if (Number(id) % 3 !== 0) throw new Error('only every third');
      },
    ],
  ])('%s', async (_, options, work) => {
    const changes: unknown[] = [];
    const given = {
      ...options,
      circuitBreaker: { failures: 3, openFor: '1h' },
      batch: undefined,
      receive: 'payload',
    } as const;
    const app = await world().sink(Order, given, (order) => work(order.id));
    app.events.on('brake', (change) => changes.push(change));
    await publish(12);
    await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
    expect(changes).toEqual([]);
  });

  test('bytes that cannot be decoded, and messages that a filter refuses', async () => {
    const { app, oven } = await bakery({
      circuitBreaker: { failures: 1, openFor: '1h' },
      when: ({ id }) => id !== 'filtered',
    });
    await world().publish('orders', 'nonsense');
    await world().publish('orders', body('filtered'));
    oven.isBroken = false;
    await publish(1);
    await eventually(() => expect(oven.baked).toEqual(['1']));
    expect(bindingOf(app)?.brake).toBe('off');
  });
});

test('a brake takes one message at a time after failures in a row, and lets all go after the first success', async () => {
  const gate = new Gate();
  let [isBroken, running, peak] = [true, 0, 0];
  const handled: string[] = [];
  const app = await world().sink(
    Order,
    { ordering: 'none', concurrency: 5, retry: manyAttempts, brake: { failures: 5, wait: 0 } },
    async (order) => {
      running += 1;
      peak = Math.max(peak, running);
      if (isBroken) await turns(1);
      else await gate.passed;
      running -= 1;
      if (isBroken) throw new Error('the oven is cold');
      handled.push(order.id);
    },
  );
  const changes: MillraceEvents['brake'][] = [];
  app.events.on('brake', (change) => changes.push(change));
  await publish(5);
  await eventually(() => expect(changes).toHaveLength(1));
  await eventually(() => expect(running).toBeLessThanOrEqual(1));
  peak = running;
  await turns(100);
  expect({ peak, brake: bindingOf(app)?.brake, state: bindingOf(app)?.state }).toEqual({
    peak: 1,
    brake: 'slow',
    state: 'running',
  });
  isBroken = false;
  await eventually(() => expect(running).toBe(1));
  gate.open();
  await eventually(() => expect(handled.sort()).toEqual(upTo(5)));
  expect(changes).toMatchObject([
    { binding: 'orders/shop', state: 'slow', failures: 5, waitMs: 0, error: { message: 'the oven is cold' } },
    { binding: 'orders/shop', state: 'off', failures: 0, waitMs: 0, error: undefined },
  ]);
});

test('a batch that fails counts as one failed call; one of which items succeed lets the brake go', async () => {
  let mode: 'all' | 'some' | 'none' = 'all';
  const app = await world().create();
  await app.sink(
    Order,
    { ...swift, retry: manyAttempts, batch: { size: 4, wait: 5 }, circuitBreaker: { failures: 3, openFor: 10 } },
    (orders) => {
      if (mode === 'all') throw new Error('the oven is cold');
      if (mode === 'some') throw new BatchFailed([0]);
      expect(orders.length).toBeGreaterThan(0);
    },
  );
  const states: string[] = [];
  app.events.on('brake', ({ state }) => states.push(state));
  await app.start();
  await publish(4);
  await eventually(() => expect(states).toContain('halfOpen'));
  mode = 'some';
  await eventually(() => expect(states.at(-1)).toBe('off'));
  mode = 'none';
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
  expect(world().broker.deadLetters('orders', 'shop')).toEqual([]);
});

describe('a rate limit', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  test('hands over no more messages than it says in any span, and what is filtered does not count', async () => {
    const times: number[] = [];
    await world().sink(
      Order,
      {
        rateLimit: { messages: 3, per: '1s' },
        concurrency: 8,
        ordering: 'none',
        when: ({ id }) => Number(id) % 2 === 1,
      },
      () => void times.push(Date.now()),
    );
    const start = Date.now();
    await publish(16);
    for (const _ of upTo(40)) {
      await turns(5);
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(times.map((at) => Math.floor((at - start) / 1_000))).toEqual([0, 0, 0, 1, 1, 1, 2, 2]);
  });

  test('counts repeated calls', async () => {
    const calls: number[] = [];
    await world().sink(
      Order,
      { rateLimit: { messages: 2, per: '1s' }, retry: { ...swift.retry, maxAttempts: 4 } },
      () => {
        calls.push(Date.now());
        throw new Error('again');
      },
    );
    const start = Date.now();
    await publish(1);
    for (const _ of upTo(30)) {
      await turns(5);
      await jest.advanceTimersByTimeAsync(100);
    }
    expect(calls.map((at) => Math.floor((at - start) / 1_000))).toEqual([0, 0, 1, 1]);
  });
});
