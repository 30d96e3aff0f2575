import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Source } from '@millrace/core';
import type { Check } from '../check';
import { consumerOf, sendAll, sendInTurn } from '../check-context';
import { OrderDesk } from '../components';
import { Gate } from '../gate';
import { numbersOf, Order, order, orders, upTo } from '../messages';
import type { Behaviour, Recorder } from '../recorder';

const KEYS = 20;
const PER_KEY = 25;

export const orderChecks: readonly Check[] = [
  {
    id: 'G1',
    title: 'one consumer: messages of one key are handled in the order they were sent',
    run: async (test) => {
      const app = await test.start();
      const seen = await test.record(app, test.unique('baristas'), ({ number }) =>
        number % 3 === 0 ? sleep(1) : undefined,
      );
      const count = test.times(200, 50);
      await sendInTurn(
        app.source(Order),
        orders(count, () => ({ customer: 'one' })),
      );
      await seen.until(count);
      assert.deepEqual(
        seen.handled.map((each) => each.number),
        upTo(count),
      );
    },
  },
  {
    id: 'G2',
    title: 'ordering key with 8 handlers: order within each key, keys in parallel',
    run: async (test) => {
      const group = test.unique('baristas');
      const options = { ordering: 'key', concurrency: 8, startPaused: true };
      const app = await test.start({ bindings: { orders: { groups: { [group]: options } } } });
      const seen = await test.record(app, group, ({ number }) => sleep(4 - (number % 4)));
      await sendOfEachKey(app.source(Order), KEYS, PER_KEY);
      await consumerOf(app, group).resume();
      await seen.until(KEYS * PER_KEY);
      for (const ofKey of byCustomer(seen).values()) assert.deepEqual(ofKey, upTo(PER_KEY));
      assert.ok(seen.peak > 1 && seen.peak <= 8, `${seen.peak} at once`);
    },
  },
  {
    id: 'G3',
    title: 'a key that is retried keeps its order, and does not hold up other keys, not even with one handler',
    run: async (test) => {
      const waiting = test.unique('waiting');
      const quick = test.unique('quick');
      const groups = {
        [waiting]: { ordering: 'key', retry: { backOff: { initial: '10m', max: '10m' } } },
        [quick]: { ordering: 'key' },
      };
      const app = await test.start({ bindings: { orders: { groups } } });
      const failsOnce: Behaviour<Order> = ({ number, customer }, { message }) => {
        if (customer === 'unlucky' && number === 1 && message.attempt === 1) throw new Error('not yet');
      };
      const held = await test.record(app, waiting, failsOnce);
      const seen = await test.record(app, quick, failsOnce);
      for (const [customer, count] of [['unlucky', 3] as const, ['lucky', 20] as const]) {
        await sendInTurn(
          app.source(Order),
          orders(count, () => ({ customer })),
        );
      }
      await held.until(20);
      await seen.until(23);
      for (const group of [held, seen]) assert.deepEqual(byCustomer(group).get('lucky'), upTo(20));
      assert.deepEqual(byCustomer(seen).get('unlucky'), [1, 2, 3]);
      await test.remains(() =>
        assert.equal(held.calls.length, 21, 'calls: one of the unlucky, none of those behind it'),
      );
    },
  },
  {
    id: 'G4',
    title: 'ordering partition never runs two of a partition at once; ordering none overlaps',
    run: async (test) => {
      const partitions = test.capabilities.partitions ? { producer: { partitionCount: 4 } } : {};
      const strict = test.unique('strict');
      const free = test.unique('free');
      const groups = {
        [strict]: { ordering: 'partition', concurrency: 4, startPaused: true },
        [free]: { ordering: 'none', concurrency: 4, startPaused: true },
      };
      const app = await test.start({ components: [OrderDesk], bindings: { orders: { ...partitions, groups } } });
      const busy = new Set<number | undefined>();
      const ordered = await test.record(app, strict, async (_, { message: { delivery } }) => {
        assert.ok(!busy.has(delivery?.partition), `partition ${delivery?.partition} is busy`);
        busy.add(delivery?.partition);
        await sleep(2);
        busy.delete(delivery?.partition);
      });
      const full = new Gate();
      const overlapping = await test.record(app, free, (_, { signal }) =>
        overlapping.running === 4 ? full.open() : full.passed(signal),
      );
      await sendOfEachKey(app.get(OrderDesk).orders, 8, 15);
      for (const group of [strict, free]) await consumerOf(app, group).resume();
      await ordered.until(120);
      await overlapping.until(120);
      assert.ok(
        ordered.attempts.every((attempt) => attempt === 1),
        'no partition was busy twice',
      );
      assert.equal(overlapping.peak, 4);
      for (const ofKey of byCustomer(ordered).values()) assert.deepEqual(ofKey, upTo(15));
    },
  },
  {
    id: 'G5',
    title: 'messages without a key, with ever new keys, and beside a handler that runs long: all are handled',
    run: async (test) => {
      const gate = new Gate();
      const app = await test.start({ bindings: { orders: { consumer: { ordering: 'key', concurrency: 8 } } } });
      const seen = await test.record(app, test.unique('baristas'), ({ number }, { signal }) =>
        number === 1 ? gate.passed(signal) : undefined,
      );
      await app.send(Order, order(1, { customer: 'slow drinker' }));
      await seen.untilCalled(1);
      const count = test.times(2_000, 200);
      await sendAll(
        app.source(Order),
        upTo(count).map((number) => order(number + 1, number % 3 === 0 ? {} : { customer: `customer ${number}` })),
      );
      await seen.until(count);
      gate.open();
      await seen.until(count + 1);
      assert.deepEqual(numbersOf(seen.handled), upTo(count + 1));
    },
  },
];

/** Keys at once, those of one key in turn. */
async function sendOfEachKey(source: Source<Order>, keys: number, perKey: number): Promise<void> {
  const ofKey = (key: number): Order[] => orders(perKey, () => ({ customer: `customer ${key}` }));
  await Promise.all(upTo(keys).map((key) => sendInTurn(source, ofKey(key))));
}

/** Numbers handled for each customer, in order. */
function byCustomer(seen: Recorder<Order>): Map<string | undefined, number[]> {
  const found = new Map<string | undefined, number[]>();
  for (const { customer, number } of seen.handled) found.set(customer, [...(found.get(customer) ?? []), number]);
  return found;
}
