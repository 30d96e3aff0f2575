import assert from 'node:assert/strict';
import { RetryLater } from '@millrace/core';
import { deadLetterHeaderNames } from '@millrace/core/spi';
import type { Check } from '../check';
import { type CheckContext, consumerOf, sendAll } from '../check-context';
import { OrderDesk } from '../components';
import { Faults } from '../faults';
import { FirstOrders, numbersOf, Order, order, orders, upTo } from '../messages';
import type { Behaviour } from '../recorder';

/** Asks for each order again, `times` times. */
const laterFor =
  (delay: '20ms' | '150ms', times = 1): Behaviour<Order> =>
  (_, { message }) => {
    if (message.attempt <= times) throw new RetryLater(delay);
  };

export const delayedRetry: readonly Check[] = [
  {
    id: 'D4',
    title: 'the attempt number goes on counting through delayed retries',
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 9 } } } } });
      const seen = await test.record(app, test.unique('baristas'), (_, { message }) => {
        if (message.attempt === 2) throw new Error('in place');
        if (message.attempt < 5) throw new RetryLater('20ms');
      });
      await app.send(Order, order(1));
      await seen.until(1);
      assert.deepEqual(seen.attempts, [1, 2, 3, 4, 5]);
    },
  },
  {
    id: 'D5',
    title: 'calls in all: attempts in place, times the delayed rounds and the first; then the dead letter',
    needs: ['deadLetters'],
    run: async (test) => {
      const retry = { maxAttempts: 2, delays: ['20ms', '40ms'] };
      const app = await test.start({ bindings: { orders: { consumer: { retry } } } });
      const group = test.unique('baristas');
      const failing = await test.record(app, group, () => Promise.reject(new Error('always')));
      await app.send(Order, order(1));
      const [letter] = await test.untilDeadLetters(group, 1);
      assert.equal(failing.calls.length, 2 * 3);
      assert.equal(letter?.headers[deadLetterHeaderNames.attempts], 6);
    },
  },
  {
    id: 'D13',
    title: 'RetryLater: not before its delay, soon after it, and others go on meanwhile',
    run: async (test) => {
      // A binder may wait for a short one itself, and park a long one.
      for (const delay of [150, test.ms(400)]) await comesAfter(test, delay);
      if (test.capabilities.delayedRequeue) await parksMoreThanPrefetch(test);
    },
  },
  {
    id: 'D14',
    title: 'a delayed retry keeps key, partition, headers, id and body',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'), laterFor('20ms', 2));
      await app.send(Order, order(1, { customer: 'one' }), { headers: { table: 'seven' } });
      await seen.until(1);
      assert.equal(seen.calls.length, 3);
      const [first, ...others] = seen.calls.map(({ message: { payload, key, id, headers, delivery } }) => {
        return {
          payload,
          key,
          id,
          table: headers.table,
          partition: delivery?.partition,
          destination: delivery?.destination,
        };
      });
      for (const other of others) assert.deepEqual(other, first);
      assert.equal(first?.key, 'one');
      assert.equal(first?.table, 'seven');
    },
  },
  {
    id: 'D15',
    title: 'several delays come one after the other; after the last the dead letter',
    needs: ['deadLetters'],
    run: async (test) => {
      const retry = { maxAttempts: 1, delays: ['30ms', '90ms'] };
      const app = await test.start({ bindings: { orders: { consumer: { retry } } } });
      const group = test.unique('baristas');
      const failing = await test.record(app, group, () => Promise.reject(new Error('always')));
      await app.send(Order, order(1));
      await test.untilDeadLetters(group, 1);
      const [first = 0, second = 0, third = 0, ...more] = failing.calls.map((call) => call.startedAt);
      assert.equal(more.length, 0);
      assert.ok(second - first >= 28 && third - second >= 88, `waited ${second - first} and ${third - second} ms`);
    },
  },
  {
    id: 'D16',
    title: 'delayed retry with several partitions: each message comes back to its own, none is lost',
    needs: ['partitions'],
    run: async (test) => {
      const app = await test.start({
        components: [OrderDesk],
        bindings: { orders: { producer: { partitionCount: 4 } } },
      });
      const seen = await test.record(app, test.unique('baristas'), laterFor('20ms'));
      await sendAll(
        app.get(OrderDesk).orders,
        orders(40, (number) => ({ customer: `customer ${number}` })),
      );
      await seen.until(40);
      assert.deepEqual(numbersOf(seen.handled), upTo(40));
      const places = new Map(seen.calls.map((call) => [call.payload.number, call.message.delivery?.partition]));
      for (const { payload, message } of seen.calls)
        assert.equal(message.delivery?.partition, places.get(payload.number));
      assert.ok(new Set(places.values()).size > 1, 'partitions used');
    },
  },
  {
    id: 'D17',
    title: 'delayed retries of one group do not disturb another',
    needs: ['groups'],
    run: async (test) => {
      const app = await test.start();
      const delayed = await test.record(app, test.unique('delayed'), laterFor('20ms', 2));
      const steady = await test.record(app, test.unique('steady'));
      await sendAll(app.source(Order), orders(20));
      await delayed.until(20);
      await steady.until(20);
      await test.remains(() => assert.equal(steady.calls.length, 20));
      assert.ok(steady.attempts.every((attempt) => attempt === 1));
    },
  },
  {
    id: 'D18',
    title: 'a delayed retry outlives a restart of the broker',
    needs: ['durable', 'restartBroker'],
    alone: true,
    seconds: 60,
    run: async (test) => {
      const broker = await test.ownWorld();
      const app = await test.start({ worlds: { broker } });
      const seen = await test.record(app, test.unique('baristas'), laterFor('150ms'));
      await sendAll(app.source(Order), orders(10));
      await seen.untilCalled(1);
      await test.subject.restartBroker?.(broker);
      await test.eventually(() => assert.deepEqual([...new Set(numbersOf(seen.handled))], upTo(10)), 30_000);
    },
  },
];

/** A parked record is no longer in hand: the binder delivers others in its place, however long it has to wait. */
async function parksMoreThanPrefetch(test: CheckContext): Promise<void> {
  const faults = new Faults();
  const app = await test.start({ faults, bindings: { 'orders.first': { consumer: { prefetch: 2 } } } });
  const seen = test.recorder(() => {
    throw new RetryLater('10m');
  });
  await app.sink(FirstOrders, { group: test.unique('baristas') }, seen.handle);
  await sendAll(app.source(FirstOrders), orders(10));
  await seen.untilCalled(10);
  assert.deepEqual(numbersOf(seen.calls.map(({ payload }) => payload)), upTo(10));
  assert.ok(faults.traffic.peak <= 2, `${faults.traffic.peak} in hand`);
}

async function comesAfter(test: CheckContext, delay: number): Promise<void> {
  const group = test.unique('baristas');
  const destination = test.unique(`orders-${delay}`);
  const app = await test.start({ bindings: { orders: { destination, groups: { [group]: { startPaused: true } } } } });
  const seen = await test.record(app, group, ({ number }, { message }) => {
    if (number === 1 && message.attempt === 1) throw new RetryLater(delay);
  });
  await sendAll(
    app.source(Order),
    orders(10, (number) => ({ customer: `customer ${number}` })),
  );
  await consumerOf(app, group).resume();
  await seen.until(10);
  if (delay >= 400) assert.equal(seen.handled.at(-1)?.number, 1, 'the delayed one is the last');
  const [first, again] = seen.calls.filter((call) => call.payload.number === 1).map((call) => call.startedAt);
  const waited = (again ?? 0) - (first ?? 0);
  assert.ok(waited >= delay - 2 && waited < delay + test.ms(2_500), `waited ${waited} of ${delay} ms`);
}
