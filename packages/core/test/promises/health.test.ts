import { type Application, type Health, Millrace, Reject } from '@millrace/core';
import { eventually, turns } from '../eventually';
import { Gate } from '../gate';
import { Order } from '../messages';
import { swift, useWorld } from '../world';

const world = useWorld({ partitions: 2 });

const body = (id: string): string => JSON.stringify({ id });
const consumerOf = (app: Application) => app.binding('orders/shop')?.health();
const producerOf = (app: Application) => app.binding('orders')?.health();

const MINUTE = 60_000;
const stalledAfter = MINUTE;

describe('with the clock in hand', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] }));
  afterEach(() => jest.useRealTimers());

  /** Time passes in small steps, and everything that is due happens. */
  async function pass(ms: number, steps = 10): Promise<void> {
    await turns();
    for (let step = 0; step < steps; step += 1) {
      await jest.advanceTimersByTimeAsync(ms / steps);
      await turns();
    }
  }

  describe('a consumer that is alive but not moving is down', () => {
    test('a handler that never ends: down from the limit on, with the reason, though other messages go through', async () => {
      const stuck = new Gate();
      const handled: string[] = [];
      const app = await world().sink(Order, { concurrency: 2, health: { stalledAfter } }, async (order) => {
        if (order.id === 'stuck') await stuck.passed;
        handled.push(order.id);
      });
      await world().publish('orders', body('stuck'), { partition: 0 });
      await pass(MINUTE);
      expect(app.health().status).toBe('up');
      await pass(1);
      expect(consumerOf(app)).toMatchObject({ status: 'down', stalled: true, state: 'running', open: 1 });
      await world().publish('orders', body('other'), { partition: 1 });
      await pass(0);
      expect(handled).toEqual(['other']);
      expect(app.health().status).toBe('down');
      expect(consumerOf(app)?.reasons).toEqual([
        'a message has been worked on for 60001 ms, longer than stalledAfter 60000 ms',
      ]);
      stuck.open();
      await pass(0);
      expect(app.health().status).toBe('up');
      expect(consumerOf(app)).toMatchObject({ status: 'up', stalled: false, reasons: [], open: 0 });
    });

    test('by default after twice the timeout, which attempts that hang reach together: a retry is no sign of life', async () => {
      const retry = { ...swift.retry, maxAttempts: 10 };
      const app = await world().sink(Order, { timeout: '1m', retry }, () => new Promise(() => undefined));
      await world().publish('orders', body('1'));
      await pass(2 * MINUTE);
      expect(consumerOf(app)).toMatchObject({ status: 'up', consecutiveFailures: 1 });
      await pass(MINUTE);
      expect(consumerOf(app)).toMatchObject({ status: 'down', stalled: true, consecutiveFailures: 2 });
    });

    test('a dead letter that is never confirmed', async () => {
      const confirmed = new Gate();
      world().binder.interference.deadLetter = () => confirmed.passed;
      const app = await world().sink(Order, { health: { stalledAfter } }, () => {
        throw new Reject('no');
      });
      await world().publish('orders', body('1'));
      await pass(MINUTE + 1);
      expect(consumerOf(app)).toMatchObject({ status: 'down', stalled: true });
      confirmed.open();
      await pass(0);
      expect(app.health().status).toBe('up');
    });

    test('a client whose loop goes on but hears nothing from the broker', async () => {
      let silentMs: number | undefined = 5;
      world().binder.interference.vitals = () => ({ silentMs });
      const app = await world().sink(Order, { health: { silentAfter: '1s' } }, () => undefined);
      expect(app.health().status).toBe('up');
      silentMs = 1_001;
      expect(app.health().status).toBe('down');
      expect(consumerOf(app)).toMatchObject({
        stalled: true,
        reasons: ['the client has heard nothing from the broker for 1001 ms'],
      });
      await app.binding('orders/shop')?.pause();
      expect(app.health().status).toBe('up');
      silentMs = undefined;
      await app.binding('orders/shop')?.resume();
      expect(app.health().status).toBe('up');
    });

    test('a producer whose sends are never confirmed; one that is slow but moves is up', async () => {
      const gates = [new Gate(), new Gate(), new Gate()];
      const app = await world().start({ config: { app: 'shop' } });
      let sent = 0;
      world().binder.interference.send = () => (gates[sent++] as Gate).passed;
      const sends = gates.map((_, index) => app.send(Order, new Order(`${index}`)));
      await pass(MINUTE);
      expect(producerOf(app)).toMatchObject({ status: 'up', stalled: false, open: 3 });
      await pass(1);
      expect(producerOf(app)).toMatchObject({
        status: 'down',
        stalled: true,
        reasons: ['sends are open and none has got through for 60001 ms, longer than stalledAfter 60000 ms'],
      });
      for (const [index, gate] of gates.entries()) {
        gate.open();
        await sends[index];
        await pass(MINUTE);
        expect(producerOf(app)).toMatchObject({ status: 'up', stalled: false, open: 2 - index });
      }
      await pass(MINUTE);
      expect(producerOf(app)).toMatchObject({ status: 'up', stalled: false });
    });
  });

  describe('what only waits is not stalled', () => {
    test('messages that wait for their turn behind others', async () => {
      const app = await world().sink(Order, { health: { stalledAfter } }, async () => {
        await new Promise((resolve) => setTimeout(resolve, MINUTE / 2));
      });
      for (let id = 0; id < 10; id += 1) await world().publish('orders', body(`${id}`), { partition: 0 });
      for (let minute = 0; minute < 4; minute += 1) {
        await pass(MINUTE);
        expect(app.health().status).toBe('up');
      }
      expect(consumerOf(app)?.open).toBe(2);
    });

    test('a message that is set aside, by a binder or by core', async () => {
      const app = await world().create();
      const options = { retry: { maxAttempts: 1, delays: ['1h' as const] }, health: { stalledAfter } };
      const fail = (): void => {
        throw new Error('later');
      };
      await app.sink(Order, options, fail);
      const { module } = world().binder;
      const holding = {
        ...module,
        create: async (context: Parameters<typeof module.create>[0]) => {
          const binder = await module.create(context);
          return { ...binder, capabilities: { ...binder.capabilities, delayedRequeue: false } };
        },
      };
      const held = await world().create({ config: { app: 'held' }, binders: [holding] });
      await held.sink(Order, options, fail);
      for (const each of [app, held]) await each.start();
      await world().publish('orders', body('1'));
      await pass(0);
      await pass(10 * MINUTE);
      expect(app.binding('orders/shop')?.health()).toMatchObject({ consecutiveFailures: 1, open: 0, lag: 1 });
      expect(held.binding('orders/held')?.health()).toMatchObject({ consecutiveFailures: 1, open: 1, lag: 1 });
      expect([app.health().status, held.health().status]).toEqual(['up', 'up']);
    });

    test('messages held by a brake: the binding is degraded, not down', async () => {
      const app = await world().sink(
        Order,
        { circuitBreaker: { failures: 2, openFor: '1h' }, health: { stalledAfter } },
        () => {
          throw new Error('the oven is cold');
        },
      );
      await world().publish('orders', body('1'));
      await pass(10 * MINUTE);
      expect(app.health().status).toBe('degraded');
      expect(consumerOf(app)).toMatchObject({
        status: 'degraded',
        state: 'paused',
        brake: 'open',
        stalled: false,
        open: 1,
        reasons: ['the brake is on after 2 failures in a row'],
      });
    });

    test('messages held by a rate limit', async () => {
      const app = await world().sink(
        Order,
        { rateLimit: { messages: 1, per: '1h' }, health: { stalledAfter } },
        () => undefined,
      );
      for (const id of ['1', '2', '3']) await world().publish('orders', body(id), { partition: 0 });
      await pass(10 * MINUTE);
      expect(consumerOf(app)).toMatchObject({ status: 'up', open: 2 });
    });

    test('a binding that is paused, and one that is stopped', async () => {
      const app = await world().sink(Order, { health: { stalledAfter } }, () => undefined);
      await app.binding('orders/shop')?.pause();
      await world().publish('orders', body('1'));
      await pass(10 * MINUTE);
      expect(app.health().status).toBe('up');
      await app.binding('orders/shop')?.stop();
      expect(app.health().status).toBe('up');
    });
  });
});

test('health tells last success, failures in a row, what is open and the lag', async () => {
  const gate = new Gate();
  let isBroken = false;
  const app = await world().sink(Order, { retry: { ...swift.retry, maxAttempts: 3 } }, async ({ id }) => {
    if (id === 'rejected') throw new Reject('never');
    if (isBroken) throw new Error('the oven is cold');
    if (id === 'slow') await gate.passed;
  });
  expect(consumerOf(app)).toEqual({
    name: 'orders/shop',
    direction: 'consumer',
    binder: 'memory',
    status: 'up',
    reasons: [],
    state: 'running',
    trouble: undefined,
    brake: 'off',
    lastSuccess: undefined,
    consecutiveFailures: 0,
    open: 0,
    lag: 0,
    stalled: false,
    blocked: false,
  });
  const before = Date.now();
  await app.send(Order, new Order('good'));
  await eventually(() => expect(consumerOf(app)?.lastSuccess?.getTime()).toBeGreaterThanOrEqual(before));
  expect(producerOf(app)).toMatchObject({ direction: 'producer', consecutiveFailures: 0, lag: undefined, open: 0 });
  expect(producerOf(app)?.lastSuccess?.getTime()).toBeGreaterThanOrEqual(before);
  isBroken = true;
  await world().publish('orders', body('bad'));
  await eventually(() => expect(consumerOf(app)).toMatchObject({ consecutiveFailures: 3, lag: 0 }));
  await world().publish('orders', body('rejected'));
  await eventually(() => expect(world().broker.deadLetters('orders', 'shop')).toHaveLength(2));
  expect(consumerOf(app)?.consecutiveFailures).toBe(3);
  isBroken = false;
  for (const id of ['slow', 'waits']) await world().publish('orders', body(id), { partition: 0 });
  await eventually(() => expect(consumerOf(app)).toMatchObject({ open: 2, lag: 2 }));
  gate.open();
  await eventually(() => expect(consumerOf(app)).toMatchObject({ open: 0, lag: 0, consecutiveFailures: 0 }));
  world().binder.interference.send = () => Promise.reject(new Error('quota'));
  await expect(app.send(Order, new Order('x'))).rejects.toThrow('quota');
  expect(producerOf(app)?.consecutiveFailures).toBe(1);
});

test('a broker that blocks a binding makes it down, with what it says', async () => {
  world().binder.interference.vitals = () => ({ blocked: 'memory alarm' });
  const app = await world().sink(Order, {}, () => undefined);
  expect(consumerOf(app)).toMatchObject({
    status: 'down',
    blocked: true,
    stalled: false,
    reasons: ['the broker blocks it: memory alarm'],
  });
});

describe('binders', () => {
  const binders = (health: Health) =>
    Object.fromEntries(health.binders.map(({ name, connected }) => [name, connected]));

  test('each says whether it is connected; one that is not makes the application down', async () => {
    let isConnected = true;
    world().binder.interference.connected = () => isConnected;
    const app = await world().create();
    expect(binders(app.health())).toEqual({});
    await app.sink(Order, {}, () => undefined);
    expect(binders(app.health())).toEqual({ memory: false });
    await app.start();
    expect(binders(app.health())).toEqual({ memory: true });
    isConnected = false;
    expect(app.health()).toMatchObject({ status: 'down', binders: [{ name: 'memory', connected: false }] });
    await app.stop();
    expect(binders(app.health())).toEqual({ memory: false });
  });

  test('of one that says nothing its bindings speak', async () => {
    let report: ((trouble: Error | undefined) => void) | undefined;
    const { module } = world().binder;
    const silent = {
      ...module,
      create: async (context: Parameters<typeof module.create>[0]) => {
        const binder = await module.create(context);
        const { connected: _, ...rest } = binder;
        return rest;
      },
    };
    world().binder.interference.bindConsumer = async (request) => {
      report = request.report;
    };
    const app = await world().sink(Order, {}, () => undefined, { binders: [silent] });
    expect(binders(app.health())).toEqual({ memory: true });
    report?.(new Error('connection lost'));
    expect(binders(app.health())).toEqual({ memory: false });
    report?.(undefined);
    expect(binders(app.health())).toEqual({ memory: true });
  });

  test('one that cannot be opened is not connected', async () => {
    world().binder.interference.create = () => Promise.reject(new Error('refused'));
    const app = await world().create();
    await app.sink(Order, {}, () => undefined);
    await expect(app.start()).rejects.toThrow('refused');
    expect(binders(app.health())).toEqual({ memory: false });
    expect(consumerOf(app)).toMatchObject({ status: 'up', state: 'stopped' });
  });
});

test('troubles of different origin do not hide one another', async () => {
  let report: ((trouble: Error | undefined) => void) | undefined;
  world().binder.interference.bindConsumer = async (request) => {
    report = request.report;
  };
  world().binder.interference.deadLetter = () => Promise.reject(new Error('no room'));
  const app = await world().sink(Order, {}, () => {
    throw new Reject('never');
  });
  await world().publish('orders', body('1'));
  await eventually(() => expect(consumerOf(app)?.trouble).toBe('no room'));
  report?.(new Error('connection lost'));
  report?.(undefined);
  expect(consumerOf(app)).toMatchObject({ trouble: 'no room', status: 'down' });
});

test('health never throws, whatever a binder does when it is asked', async () => {
  world().binder.interference.vitals = () => {
    throw new Error('not now');
  };
  world().binder.interference.connected = () => {
    throw new Error('not now');
  };
  const app = await world().sink(Order, {}, () => undefined);
  expect(app.health()).toMatchObject({ status: 'up', binders: [{ connected: true }] });
  expect(JSON.parse(JSON.stringify(app.health()))).toMatchObject({ status: 'up' });
});

test('before the start and after the stop an application is down', async () => {
  const app = await Millrace.create({ config: { app: 'shop' }, logger: false });
  expect(app.health()).toEqual({ status: 'down', bindings: [], binders: [] });
  await app.start();
  expect(app.health().status).toBe('up');
  await app.stop();
  expect(app.health().status).toBe('down');
});

test('a send while a binding opens again waits for it, and does not go to the one that was closed', async () => {
  const app = await world().start();
  await app.send(Order, new Order('1'));
  const binding = app.binding('orders');
  await binding?.stop();
  const opening = new Gate();
  world().binder.interference.bindProducer = () => opening.passed;
  const starting = binding?.start();
  await turns();
  const sending = app.send(Order, new Order('2'));
  await turns();
  opening.open();
  await starting;
  await sending;
  expect(world().broker.records('orders')).toHaveLength(2);
});
