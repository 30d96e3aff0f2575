import assert from 'node:assert/strict';
import type { BrakeState } from '@millrace/core';
import type { Check } from '../check';
import { type CheckContext, consumerOf, sendInTurn } from '../check-context';
import { Faults } from '../faults';
import { Order, order, orders, upTo } from '../messages';
import type { Recorder } from '../recorder';

/** An application whose sink needs something that is away until it is `mended`. */
async function kitchen(test: CheckContext, consumer: Readonly<Record<string, unknown>>) {
  const faults = new Faults();
  const group = test.unique('baristas');
  const retry = { maxAttempts: 1_000 };
  const app = await test.start({ faults, bindings: { orders: { consumer: { retry, ...consumer } } } });
  const state = { isMended: false };
  const seen: Recorder<Order> = test.recorder(() => {
    if (!state.isMended) throw new Error('the oven is cold');
  });
  const brakes: BrakeState[] = [];
  app.events.on('brake', ({ state: brake }) => brakes.push(brake));
  await app.sink(Order, { group }, seen.handle);
  const isOpen = (): Promise<void> =>
    test.eventually(() => assert.deepEqual([handle().brake, handle().state], ['open', 'paused']));
  const handle = () => consumerOf(app, group);
  return { app, faults, group, state, seen, brakes, handle, isOpen };
}

export const outages: readonly Check[] = [
  {
    id: 'P8',
    title:
      'an open circuit breaker pauses the binding and makes it degraded; when it works again, all is handled in order',
    run: async (test) => {
      const { app, faults, state, seen, brakes, handle, isOpen, group } = await kitchen(test, {
        circuitBreaker: { failures: 3, openFor: '1h' },
        prefetch: 4,
      });
      await sendInTurn(
        app.source(Order),
        orders(20, () => ({ customer: 'one' })),
      );
      await isOpen();
      const called = seen.calls.length;
      await sendInTurn(app.source(Order), [order(21, { customer: 'one' }), order(22, { customer: 'one' })]);
      await test.remains(() => assert.equal(seen.calls.length, called));
      assert.ok(faults.traffic.open <= 4, `${faults.traffic.open} in hand`);
      assert.equal(app.health().status, 'degraded');
      state.isMended = true;
      await handle().resume();
      await seen.until(22);
      assert.deepEqual(
        seen.handled.map(({ number }) => number),
        upTo(22),
      );
      assert.deepEqual(brakes, ['open', 'halfOpen', 'off']);
      await test.eventually(() => assert.deepEqual([handle().state, app.health().status], ['running', 'up']));
      if (test.capabilities.deadLetters) assert.deepEqual(await test.deadLetters(group), []);
    },
  },
  {
    id: 'P10',
    title: 'it tries one message when its time is over, again and again, until one succeeds',
    run: async (test) => {
      const { app, state, seen, brakes, handle } = await kitchen(test, {
        circuitBreaker: { failures: 2, openFor: 30 },
        concurrency: 4,
        ordering: 'none',
      });
      await sendInTurn(app.source(Order), orders(6));
      await test.eventually(() => assert.ok(brakes.filter((brake) => brake === 'halfOpen').length >= 3));
      const trials = brakes.filter((brake) => brake === 'halfOpen').length;
      // Four may have been under way when it opened first.
      assert.ok(seen.calls.length <= trials + 2 + 4, `${seen.calls.length} calls with ${trials} trials`);
      state.isMended = true;
      await seen.until(6);
      await test.eventually(() => assert.equal(handle().brake, 'off'));
    },
  },
  {
    id: 'P11',
    title: 'an open circuit breaker holds up no stop: what waits goes back, and another member handles it',
    needs: ['groups', 'history'],
    run: async (test) => {
      const { app, group, isOpen } = await kitchen(test, { circuitBreaker: { failures: 3, openFor: '1h' } });
      await sendInTurn(app.source(Order), orders(8));
      await isOpen();
      await test.within('the stop', app.stop({ deadlineMs: 600_000 }));
      const seen = await test.record(await test.start(), group);
      await test.eventually(() =>
        assert.deepEqual([...new Set(seen.handled.map(({ number }) => number))].sort(), upTo(8)),
      );
    },
  },
];
