import { eventually, turns } from '../eventually';
import { Gate } from '../gate';
import { Order, OrderCopies } from '../messages';
import { useWorld } from '../world';

const world = useWorld({ partitions: 1 });

const body = (id: string): string => JSON.stringify({ id });

/** A sink whose handlers wait at a gate; tells what began, what ended, and the signals. */
async function gatedSink(options: { readonly concurrency?: number } = {}) {
  const gate = new Gate();
  const begun: string[] = [];
  const ended: string[] = [];
  const signals: AbortSignal[] = [];
  const app = await world().sink(Order, { ordering: 'none', ...options }, async (order, _message, signal) => {
    begun.push(order.id);
    signals.push(signal);
    await gate.passed;
    ended.push(order.id);
  });
  return { app, gate, begun, ended, signals };
}

test('stop waits for running handlers, whose signal does not fire during the grace, and acknowledges them', async () => {
  const { app, gate, begun, ended, signals } = await gatedSink();
  await world().publish('orders', body('1'));
  await eventually(() => expect(begun).toEqual(['1']));
  let isStopped = false;
  const stopping = app.stop().then(() => {
    isStopped = true;
  });
  await turns(50);
  expect({ isStopped, aborted: signals[0]?.aborted, state: app.state }).toEqual({
    isStopped: false,
    aborted: false,
    state: 'stopping',
  });
  gate.open();
  await stopping;
  expect(ended).toEqual(['1']);
  expect(signals[0]?.aborted).toBe(false);
  expect(world().binder.settled('ack')).toBe(1);
  await eventually(() => expect(world().broker.lag('orders', 'shop')).toBe(0));
});

test('at the deadline the signal fires and the record goes back, unacknowledged', async () => {
  const { app, begun, signals } = await gatedSink();
  await world().publish('orders', body('1'));
  await eventually(() => expect(begun).toEqual(['1']));
  await app.stop({ deadlineMs: 30 });
  expect(signals[0]?.aborted).toBe(true);
  expect(world().binder.brokenDeliveries).toEqual([]);
  expect(world().binder.journal.filter((line) => line.startsWith('settled'))).toEqual(['settled orders requeue']);
  expect(world().broker.lag('orders', 'shop')).toBe(1);
});

test('a handler that ends after the deadline changes nothing: its record was given back', async () => {
  const { app, gate, begun, ended } = await gatedSink();
  await world().publish('orders', body('1'));
  await eventually(() => expect(begun).toEqual(['1']));
  await app.stop({ deadlineMs: 10 });
  gate.open();
  await eventually(() => expect(ended).toEqual(['1']));
  await turns();
  expect(world().binder.settled('ack')).toBe(0);
  expect(world().broker.lag('orders', 'shop')).toBe(1);
});

test('what was queued goes back and is handled by the next application, nothing is lost or handled twice', async () => {
  const { app, gate, begun, ended } = await gatedSink({ concurrency: 2 });
  const ids = Array.from({ length: 20 }, (_, id) => `${id}`);
  for (const id of ids) await world().publish('orders', body(id));
  await eventually(() => expect(begun).toHaveLength(2));
  const stopping = app.stop();
  // Intake has ended by then: what the first two make room for must not begin.
  await turns(50);
  gate.open();
  await stopping;
  expect(ended).toHaveLength(2);
  expect(begun).toHaveLength(2);
  expect(world().broker.lag('orders', 'shop')).toBe(18);

  const next: string[] = [];
  await world().sink(Order, {}, (order) => void next.push(order.id));
  await eventually(() => expect(next).toHaveLength(18));
  expect([...ended, ...next].sort()).toEqual([...ids].sort());
});

test('a message that waits for its next attempt goes back at the stop, without waiting for the back-off', async () => {
  const failed = new Gate();
  const retry = { maxAttempts: 3, backOff: { initial: '1h', max: '1h' } } as const;
  const app = await world().sink(Order, { retry }, () => {
    failed.open();
    throw new Error('once');
  });
  await world().publish('orders', body('1'));
  await failed.passed;
  await app.stop();
  expect(world().binder.settled('requeue')).toBe(1);
  expect(world().broker.lag('orders', 'shop')).toBe(1);
  const attempts: number[] = [];
  await world().sink(Order, {}, (_order, { attempt }) => void attempts.push(attempt));
  await eventually(() => expect(attempts).toEqual([2]));
});

test('a handler can still send during the drain, also to a channel nobody used before', async () => {
  const gate = new Gate();
  const begun = new Gate();
  const app = await world().create();
  await app.sink(Order, {}, async (order) => {
    begun.open();
    await gate.passed;
    await app.send(Order, new Order(`again ${order.id}`), { destination: 'orders.later' });
    await app.send(OrderCopies, new Order(`copy ${order.id}`));
  });
  await app.start();
  await world().publish('orders', body('1'));
  await begun.passed;
  const stopping = app.stop();
  await turns();
  gate.open();
  await stopping;
  expect(world().broker.records('orders.later')).toHaveLength(1);
  expect(world().broker.records('orders.copy')).toHaveLength(1);
  expect(world().binder.settled('ack')).toBe(1);
});

test('consumers close before producers, producers before the binder', async () => {
  const app = await world().create();
  await app.sink(Order, {}, () => undefined);
  await app.start();
  await app.send(OrderCopies, new Order('1'));
  await app.stop();
  expect(world().binder.journal.slice(-3)).toEqual([
    'closed consumer orders/shop',
    'closed producer orders.copy',
    'closed binder',
  ]);
});

test('stop waits until what was sent is confirmed', async () => {
  const gate = new Gate();
  const begun = new Gate();
  const app = await world().start();
  world().binder.interference.send = () => {
    begun.open();
    return gate.passed;
  };
  const sending = app.send(Order, new Order('1'));
  await begun.passed;
  const stopping = app.stop();
  await turns();
  expect(app.state).toBe('stopping');
  gate.open();
  await Promise.all([sending, stopping]);
  expect(world().binder.journal).toEqual(['sent orders', 'closed producer orders', 'closed binder']);
});

test('no message is handled once stop has resolved', async () => {
  const handled: string[] = [];
  const app = await world().sink(Order, {}, (order) => void handled.push(order.id));
  await app.stop();
  await world().publish('orders', body('1'));
  await turns();
  expect(handled).toEqual([]);
  expect(world().broker.lag('orders', 'shop')).toBe(1);
});

test('a deadline of zero gives everything back at once', async () => {
  const { app, begun, signals } = await gatedSink();
  await world().publish('orders', body('1'));
  await eventually(() => expect(begun).toEqual(['1']));
  await app.stop({ deadlineMs: 0 });
  expect(signals[0]?.aborted).toBe(true);
  expect(world().binder.settled('requeue')).toBe(1);
});

test('a handler given up at the deadline that sends while everything closes opens nothing again', async () => {
  const begun = new Gate();
  const closing = new Gate();
  let refusal: unknown;
  const app = await world().create();
  await app.sink(Order, {}, async () => {
    begun.open();
    await closing.passed;
    await app.send(OrderCopies, new Order('too late')).catch((error: unknown) => {
      refusal = error;
    });
  });
  await app.start();
  await world().publish('orders', body('1'));
  await begun.passed;
  await app.stop({ deadlineMs: 5 });
  closing.open();
  await eventually(() => expect(refusal).toMatchObject({ code: 'APPLICATION_STOPPED' }));
  expect(app.bindings().filter(({ state }) => state !== 'stopped')).toEqual([]);
  expect(world().broker.records('orders.copy')).toEqual([]);
});
