import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import type { Application, MillraceEvents, WorkerOptions } from '@millrace/core';
import { injectable } from 'inversify';
import { eventually } from '../eventually';
import { Order } from '../messages';
import { useWorld } from '../world';
import { Bar, CardDeclined, Cashier, Declined, Prices } from './parts';
import { inWorkers, receiptsIn, textOf } from './worker-world';

jest.setTimeout(60_000);

const world = useWorld({ partitions: 4 });
/** Threads of a test load and compile the sources first. */
const START_MS = 30_000;

const bar = (config: object = {}, components: [typeof Bar] = [Bar]) =>
  world().start(
    inWorkers({ components, config: { app: 'shop', bindings: { orders: { consumer: { workers: 1, ...config } } } } }),
  );

const letters = () => world().broker.deadLetters('orders', 'shop');
const told = () =>
  receiptsIn(world())
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text));

function lostIn(app: Application): MillraceEvents['worker'][] {
  const lost: MillraceEvents['worker'][] = [];
  app.events.on('worker', (event) => lost.push(event));
  return lost;
}

test('the handler runs in a thread: decoded, validated, injected, in the context of its message', async () => {
  const app = await bar();
  await app.send(Order, new Order('1', 'a'), { id: 'id-1', headers: { traceparent: 'trace-1', shop: 'north' } });
  await eventually(() => expect(told()).toHaveLength(1));
  expect(told()[0]).toEqual({
    id: '1',
    isOrder: true,
    place: expect.stringMatching(/^worker [1-9]/),
    handled: 1,
    price: 'tea: 3',
    trace: 'trace of id-1',
  });
  const [first] = world().broker.records('receipts');
  expect(first?.headers).toMatchObject({ millrace_causationId: 'id-1', correlationId: 'id-1', traceparent: 'trace-1' });
  expect(world().binder.settled('ack')).toBe(1);
});

test('what the handler sent goes out before its message is acknowledged, and a failed attempt sends nothing', async () => {
  const app = await bar();
  await app.send(Order, new Order('1', 'fail-once'));
  await eventually(() => expect(world().binder.settled('ack')).toBe(1));
  expect(receiptsIn(world()).filter((text) => text.startsWith('begun'))).toEqual(['begun 1']);
  const { journal } = world().binder;
  expect(journal.filter((line) => line === 'sent receipts')).toHaveLength(2);
  expect(journal.lastIndexOf('sent receipts')).toBeLessThan(journal.indexOf('settled orders ack'));
});

test('a thread runs what a filter lets through, and a processor gives what is to be sent', async () => {
  const app = await world().start(inWorkers({ components: [Cashier] }));
  const outcomes: string[] = [];
  app.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
  await app.send(Order, Object.assign(new Order('1'), { quantity: 3 }));
  await app.send(Order, Object.assign(new Order('2'), { quantity: 100 }));
  await eventually(() => expect(outcomes.sort()).toEqual(['ack', 'filtered']));
  expect(receiptsIn(world())).toEqual(['1/0', '1/1', '1/2']);
});

test('several threads keep the order of each key', async () => {
  const app = await bar({ ordering: 'key', workers: 2 });
  const ids = Array.from({ length: 40 }, (_, index) => index);
  await Promise.all(ids.map((id) => app.send(Order, new Order(`${id}`, `pause:${id % 4}`))));
  await eventually(() => expect(told()).toHaveLength(ids.length), START_MS);
  const handled = told().map(({ id }) => Number(id));
  for (const key of [0, 1, 2, 3])
    expect(handled.filter((id) => id % 4 === key)).toEqual(ids.filter((id) => id % 4 === key));
  expect(new Set(told().map(({ place }) => place)).size).toBe(2);
  expect(world().binder.brokenDeliveries).toEqual([]);
});

test('bytes that cannot be decoded or validated go to the dead letter untouched, without a call', async () => {
  await bar();
  await world().publish('orders', '{"id": 7}');
  await world().publish('orders', 'no json');
  await eventually(() => expect(letters()).toHaveLength(2));
  expect(
    letters()
      .map(({ payload }) => textOf(payload))
      .sort(),
  ).toEqual(['no json', '{"id": 7}']);
  for (const { headers } of letters())
    expect(headers).toMatchObject({ millrace_deadLetterKind: 'invalid', millrace_deadLetterAttempts: 0 });
  expect(
    letters()
      .map(({ headers }) => headers.millrace_deadLetterCode)
      .sort(),
  ).toEqual(['PAYLOAD_INVALID', 'PAYLOAD_UNDECODABLE']);
});

test('an error comes back with its name, message, causes and stack', async () => {
  const app = await bar();
  await app.send(Order, new Order('1', 'fail'));
  await eventually(() => expect(letters()).toHaveLength(1));
  expect(letters()[0]?.headers).toMatchObject({
    'x-exception-fqcn': 'TypeError',
    'x-exception-message': 'no such drink; the menu is old',
    'x-exception-stacktrace': expect.stringContaining('parts.ts'),
    millrace_deadLetterKind: 'failed',
    millrace_deadLetterAttempts: 3,
  });
});

test('verdicts count as they do elsewhere', async () => {
  const app = await bar();
  await app.send(Order, new Order('1', 'reject'));
  await app.send(Order, new Order('2', 'text'));
  await app.send(Order, new Order('3', 'own-error'));
  await app.send(Order, new Order('4', 'later'));
  await eventually(() => expect([letters().length, told().length]).toEqual([3, 1]));
  const of = (id: string) => letters().find(({ payload }) => JSON.parse(textOf(payload)).id === id)?.headers;
  expect(of('1')).toMatchObject({ millrace_deadLetterCode: 'HANDLER_REJECTED', millrace_deadLetterAttempts: 1 });
  expect(of('2')).toMatchObject({ 'x-exception-fqcn': 'string', 'x-exception-message': 'only text' });
  expect(of('3')).toMatchObject({ millrace_deadLetterCode: 'SEND_FAILED', millrace_deadLetterAttempts: 3 });
});

test('options that name errors by class know those of a thread, base classes too', async () => {
  const errors: unknown[] = [];
  const app = await bar({ retry: { except: [Declined] }, deadLetter: { only: [CardDeclined] } });
  app.events.on('deadLetter', ({ error }) => errors.push(error));
  await app.send(Order, new Order('1', 'decline'));
  await app.send(Order, new Order('2', 'fail'));
  await eventually(() => expect([letters().length, world().binder.settled('reject')]).toEqual([1, 1]));
  expect(letters()[0]?.headers).toMatchObject({
    'x-exception-fqcn': 'CardDeclined',
    millrace_deadLetterAttempts: 1,
  });
  expect(errors).toEqual([expect.objectContaining({ status: 402 })]);
});

describe('time', () => {
  test('a handler that computes past its timeout sees its signal, and the attempt has failed', async () => {
    const app = await bar({ timeout: 200 });
    const lost = lostIn(app);
    await app.send(Order, new Order('1', 'spin-until-aborted'));
    await app.send(Order, new Order('2', 'wait-until-aborted'));
    await eventually(() => expect(letters()).toHaveLength(2), START_MS);
    for (const { headers } of letters()) expect(headers.millrace_deadLetterCode).toBe('HANDLER_TIMEOUT');
    expect(lost).toEqual([]);
  });

  test('one that does not stop is ended with its thread; the wait for another is not counted as its time', async () => {
    const app = await bar({ timeout: 500 });
    const lost = lostIn(app);
    await app.send(Order, new Order('1', 'spin-once'));
    await eventually(() => expect(told()).toHaveLength(1), START_MS);
    expect(lost.map(({ error }) => error.message)).toEqual([expect.stringContaining('after its signal had fired')]);
    expect(letters()).toEqual([]);
  });
});

describe('a thread that ends', () => {
  test.each([
    ['exit', 'worker exited with code: 3'],
    ['throw', 'nobody catches this'],
    ['memory', 'memory limit'],
  ])('%s: fails what it had in hand, which is retried and then a dead letter', async (act, reason) => {
    const app = await world().start(
      inWorkers({
        components: [Bar],
        config: { app: 'shop', bindings: { orders: { consumer: { workers: 1, retry: { maxAttempts: 2 } } } } },
        workers: { ...(inWorkers().workers as WorkerOptions), resourceLimits: { maxOldGenerationSizeMb: 64 } },
      }),
    );
    const lost = lostIn(app);
    await app.send(Order, new Order('1', act));
    await app.send(Order, new Order('2', 'other'));
    await eventually(() => expect(letters()).toHaveLength(1), START_MS);
    expect(letters()[0]?.headers).toMatchObject({
      millrace_deadLetterCode: 'WORKER_LOST',
      millrace_deadLetterAttempts: 2,
    });
    await eventually(() => expect(lost).toHaveLength(2));
    for (const { binding, error } of lost) {
      expect(binding).toBe('orders/shop');
      expect(error.message).toContain(reason);
    }
    await eventually(() => expect(told().map(({ id }) => id)).toEqual(['2']), START_MS);
    expect(receiptsIn(world())).not.toContain('begun 1');
  });

  test('is replaced: its message succeeds in another, and health tells of both', async () => {
    const app = await bar();
    const health = () => app.health().bindings.find(({ name }) => name === 'orders/shop');
    expect(health()).toMatchObject({ status: 'up', workers: { threads: 1, running: 1, lost: 0 } });
    const while_: unknown[] = [];
    app.events.on('worker', () => while_.push(health()));
    await app.send(Order, new Order('1', 'exit-once'));
    await eventually(() => expect(told()).toHaveLength(1), START_MS);
    expect(while_).toEqual([
      expect.objectContaining({
        status: 'down',
        reasons: ['0 of 1 worker threads are running; 1 have been lost'],
        workers: { threads: 1, running: 0, lost: 1 },
      }),
    ]);
    expect(health()).toMatchObject({ status: 'up', workers: { threads: 1, running: 1, lost: 1 } });
  });
});

test('a thread that cannot be set up in the place of another fails its message, and is replaced in turn', async () => {
  const broken = join(tmpdir(), `millrace-breaking-${process.pid}`);
  const options = inWorkers({ components: [Bar], config: { bindings: { orders: { consumer: { workers: 1 } } } } });
  const app = await world().start({
    ...options,
    workers: { ...(options.workers as WorkerOptions), module: require.resolve('./fixtures/breaking.cjs') },
  });
  const errors: unknown[] = [];
  app.events.on('retry', ({ attempt, error }) => {
    errors.push(error);
    if (attempt === 2) rmSync(broken);
  });
  writeFileSync(broken, '');
  try {
    await app.send(Order, new Order('1', 'exit-once'));
    await eventually(() => expect(told()).toHaveLength(1), START_MS);
  } finally {
    rmSync(broken, { force: true });
  }
  expect(errors).toEqual([
    expect.objectContaining({ code: 'WORKER_LOST', message: expect.stringContaining('exited with code: 3') }),
    expect.objectContaining({ code: 'WORKER_LOST', message: expect.stringContaining('no more connections') }),
  ]);
});

describe('stopping', () => {
  test('a drain waits for the handlers in threads', async () => {
    const app = await bar();
    for (const id of ['1', '2', '3', '4']) await app.send(Order, new Order(id, 'pause'));
    await eventually(() => expect(world().binder.open).toBeGreaterThan(0));
    await app.stop();
    const acks = world().binder.settled('ack');
    expect(told()).toHaveLength(acks);
    expect(acks + world().binder.settled('requeue')).toBeGreaterThan(0);
    expect(world().binder.open).toBe(0);
  });

  test('after the deadline handlers are told, their messages go back, and threads that do not listen are ended', async () => {
    const app = await bar({ workers: 2 });
    const lost = lostIn(app);
    await app.send(Order, new Order('1', 'spin-once'));
    await app.send(Order, new Order('2', 'wait-until-aborted'));
    await eventually(() => expect(app.health().bindings.find(({ name }) => name === 'orders/shop')?.open).toBe(2));
    await app.stop({ deadlineMs: 100 });
    expect(world().binder.settled('requeue')).toBe(2);
    expect(world().binder.settled('ack')).toBe(0);
    expect(lost).toEqual([]);
  });

  test('components in threads let go of what they have', async () => {
    const channel = new BroadcastChannel('bar');
    const heard: unknown[] = [];
    channel.onmessage = (event) => heard.push((event as { data: unknown }).data);
    try {
      const app = await bar();
      await app.send(Order, new Order('1'));
      await eventually(() => expect(told()).toHaveLength(1));
      await app.stop();
      await eventually(() => expect(heard).toEqual(['closed after 1']));
    } finally {
      channel.close();
    }
  });

  test('a binding can be started again, with fresh threads', async () => {
    const app = await bar();
    await app.send(Order, new Order('1'));
    await eventually(() => expect(told()).toHaveLength(1));
    await app.stop();
    await app.start();
    await app.send(Order, new Order('2'));
    await eventually(() => expect(told()).toHaveLength(2));
    expect(told().map(({ handled }) => handled)).toEqual([1, 1]);
  });
});

test('idempotent sinks in threads have one effect for a message that comes twice', async () => {
  const app = await bar({ idempotent: true });
  const outcomes: string[] = [];
  app.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
  await app.send(Order, new Order('1'), { id: 'same' });
  await eventually(() => expect(outcomes).toEqual(['ack']));
  await app.send(Order, new Order('1'), { id: 'same' });
  await eventually(() => expect(outcomes).toEqual(['ack', 'duplicate']));
  expect(receiptsIn(world()).filter((text) => text.startsWith('begun'))).toEqual(['begun 1']);
});

test('no more messages are in hand than there are threads', async () => {
  const app = await bar({ ordering: 'none', workers: 2 });
  for (let id = 0; id < 20; id += 1) await app.send(Order, new Order(`${id}`, 'pause'));
  await eventually(() => expect(told()).toHaveLength(20), START_MS);
  const places = new Set(told().map(({ place }) => place));
  expect(places.size).toBe(2);
  expect(Math.max(...told().map(({ handled }) => handled))).toBeLessThan(20);
});

test('a component all of whose sinks are in threads has no instance in the application', async () => {
  const made: string[] = [];
  @injectable()
  class Counted extends Prices {
    constructor() {
      super();
      made.push('prices');
    }
  }
  const options = inWorkers({ components: [Bar] });
  options.container?.rebindSync(Prices).to(Counted);
  await world().start(options);
  expect(made).toEqual([]);
});

test('inline: the same sinks in the thread of the application, with the same outputs', async () => {
  const app = await world().start(inWorkers({ components: [Bar], workers: 'inline' }));
  await app.send(Order, new Order('1', 'fail-once'));
  await eventually(() => expect(told()).toHaveLength(1));
  expect(told()[0]).toMatchObject({ place: 'main 0', handled: 2 });
  expect(receiptsIn(world()).filter((text) => text.startsWith('begun'))).toEqual(['begun 1']);
});

test('a handler given as a function is refused', async () => {
  const app = await world().start(inWorkers({ components: [] }));
  await expect(app.sink(Order, { workers: 2 }, () => undefined)).rejects.toMatchObject({
    code: 'WIRING_INVALID',
    message: expect.stringContaining('is a function'),
  });
});
