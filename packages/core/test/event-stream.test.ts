import type { Application, EventName, MillraceEvents } from '@millrace/core';
import { eventually } from './eventually';
import { Order } from './messages';
import { useWorld } from './world';

const world = useWorld({ partitions: 1 });

function record<E extends EventName>(app: Application, name: E): MillraceEvents[E][] {
  const seen: MillraceEvents[E][] = [];
  app.events.on(name, (event) => void seen.push(event));
  return seen;
}

async function failingTwice(): Promise<Application> {
  const app = await world().create();
  await app.sink(
    Order,
    { retry: { maxAttempts: 3, backOff: { initial: 2, multiplier: 2, jitter: 0 } } },
    (order, { attempt }) => {
      if (order.id === 'bad' || attempt < 3) throw new Error(`failed ${attempt}`);
    },
  );
  return app;
}

test('a message is told as sent, retried and delivered, under one id', async () => {
  const app = await failingTwice();
  const [sends, retries, deliveries] = [record(app, 'send'), record(app, 'retry'), record(app, 'delivery')];
  await app.start();
  await app.send(Order, new Order('1'));
  await eventually(() => expect(deliveries).toHaveLength(1));
  expect(sends).toEqual([
    {
      binding: 'orders',
      destination: 'orders',
      durationMs: expect.any(Number),
      error: undefined,
      messageId: expect.any(String),
    },
  ]);
  const { messageId } = sends[0] as MillraceEvents['send'];
  expect(retries).toMatchObject([
    { binding: 'orders/shop', attempt: 1, delayMs: 2, error: { message: 'failed 1' }, messageId },
    { binding: 'orders/shop', attempt: 2, delayMs: 4, error: { message: 'failed 2' }, messageId },
  ]);
  expect(deliveries).toMatchObject([{ binding: 'orders/shop', outcome: 'ack', attempt: 3, messageId }]);
});

test('a dead letter is told with its reason, and its delivery says so', async () => {
  const app = await failingTwice();
  const [letters, deliveries] = [record(app, 'deadLetter'), record(app, 'delivery')];
  await app.start();
  await app.send(Order, new Order('bad'));
  await world().publish('orders', 'nonsense');
  await eventually(() => expect(deliveries.map(({ outcome }) => outcome)).toEqual(['deadLetter', 'deadLetter']));
  expect(letters).toMatchObject([
    { binding: 'orders/shop', kind: 'failed', error: { message: 'failed 3' }, attempts: 3, written: true },
    { binding: 'orders/shop', kind: 'invalid', error: { code: 'PAYLOAD_UNDECODABLE' }, attempts: 0, written: true },
  ]);
});

test('a refused send is told with its error', async () => {
  const app = await world().start();
  const sends = record(app, 'send');
  world().binder.interference.send = () => Promise.reject(new Error('quota exceeded'));
  await expect(app.send(Order, new Order('1'))).rejects.toThrow('quota exceeded');
  expect(sends).toMatchObject([{ binding: 'orders', error: { code: 'SEND_FAILED' } }]);
});

test('bindings tell each of their states in order', async () => {
  const app = await world().create();
  await app.sink(Order, {}, () => undefined);
  const states = record(app, 'binding');
  await app.start();
  await app.binding('orders/shop')?.pause();
  await app.binding('orders/shop')?.resume();
  await app.stop();
  expect(states.map(({ binding, direction, state }) => `${direction} ${binding} ${state}`)).toEqual(
    ['starting', 'running', 'paused', 'running', 'stopping', 'stopped'].map((state) => `consumer orders/shop ${state}`),
  );
});

test('a broker in trouble is told once, and again when it is well', async () => {
  let report: ((trouble: Error | undefined) => void) | undefined;
  world().binder.interference.bindConsumer = async (request) => {
    report = request.report;
  };
  const app = await world().sink(Order, {}, () => undefined);
  const troubles = record(app, 'binding');
  for (const trouble of [new Error('connection lost'), new Error('connection lost'), undefined, undefined])
    report?.(trouble);
  expect(troubles.map(({ state, trouble }) => `${state} ${trouble?.message}`)).toEqual([
    'running connection lost',
    'running undefined',
  ]);
  report?.(new Error('connection lost'));
  expect(app.health()).toMatchObject({
    status: 'down',
    bindings: [{ name: 'orders/shop', state: 'running', trouble: 'connection lost' }],
  });
});
