import assert from 'node:assert/strict';
import { Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { type BindingOptions, type CheckContext, sendAll, sendInTurn } from '../check-context';
import { OrderDesk } from '../components';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { numbersOf, Order, order, orders, Receipt, receipt, upTo } from '../messages';

export const concurrency: readonly Check[] = [
  {
    id: 'G6',
    title: 'the limit of concurrent handlers is reached and never exceeded',
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { ordering: 'none', concurrency: 5 } } } });
      const full = new Gate();
      const seen = await test.record(app, test.unique('baristas'), (_, { signal }) => full.passed(signal));
      await sendAll(app.source(Order), orders(50));
      await seen.untilCalled(5);
      await test.remains(() => assert.equal(seen.running, 5));
      full.open();
      await seen.until(50);
      assert.equal(seen.peak, 5);
    },
  },
  { id: 'G7', title: 'the limit is raised and lowered while running, and the last value holds' },
  {
    id: 'G8',
    title: 'a stuck handler bounds the memory: no more records in hand than prefetch says, however many partitions',
    run: async (test) => {
      await handsOverAtMost(test, 10, {});
      const partitions = test.capabilities.partitions ? { partitionCount: 12 } : {};
      await handsOverAtMost(test, 3, partitions);
    },
  },
  {
    id: 'G9',
    title: 'so many messages in an interval and no more, however many handlers may run',
    run: async (test) => {
      const per = test.ms(100);
      const consumer = { rateLimit: { messages: 5, per }, concurrency: 8, ordering: 'none' };
      const app = await test.start({ bindings: { orders: { consumer } } });
      const seen = await test.record(app, test.unique('baristas'));
      const begun = performance.now();
      await sendAll(app.source(Order), orders(20));
      await seen.until(20);
      const times = seen.calls.map(({ startedAt }) => startedAt - begun).sort((one, other) => one - other);
      // None began before the limit let it, and how long it took from there to its handler makes no difference.
      for (const [index, at] of times.entries()) {
        const intervals = Math.floor(index / 5);
        assert.ok(at >= intervals * per, `${index + 1} messages in ${at} ms`);
      }
      assert.deepEqual(numbersOf(seen.handled), upTo(20));
    },
  },
  { id: 'G10', title: 'an exclusive consumer is alone, and another takes over when it dies' },
  {
    id: 'G11',
    title: 'partitioner: the same key goes to the same partition from every sender, as in other languages',
    needs: ['partitions'],
    run: async (test) => {
      const options = { components: [OrderDesk], bindings: { orders: { producer: { partitionCount: 5 } } } };
      const senders = [await test.start(options), await test.start(options)];
      const keys = [...Object.keys(javaPartitions), ...upTo(50).map((key) => `customer ${key}`)];
      const all = keys.map((customer, index) => order(index + 1, { customer }));
      for (const app of senders) await sendAll(app.get(OrderDesk).orders, all);
      const partitionOf = new Map<string | undefined, Set<number | undefined>>();
      for (const { key, partition } of await test.records())
        partitionOf.set(key, (partitionOf.get(key) ?? new Set()).add(partition));
      for (const [key, partitions] of partitionOf) assert.equal(partitions.size, 1, `partitions of '${key}'`);
      const found = Object.fromEntries(
        Object.keys(javaPartitions).map((key) => [key, [...(partitionOf.get(key) ?? [])][0]]),
      );
      assert.deepEqual(found, javaPartitions);
    },
  },
  {
    id: 'G12',
    title: 'a batch handler gets its batches full where there is plenty, and in order within and between them',
    run: async (test) => {
      const app = await test.start();
      const batches: number[][] = [];
      const first = new Gate();
      await app.sink(Order, { group: test.unique('baristas'), batch: { size: 10, wait: '20ms' } }, async (taken) => {
        batches.push(taken.map((each) => each.number));
        if (batches.length === 1) await first.passed();
      });
      await sendInTurn(
        app.source(Order),
        orders(50, () => ({ customer: 'one' })),
      );
      first.open();
      await test.eventually(() => assert.equal(batches.flat().length, 50));
      assert.deepEqual(batches.flat(), upTo(50));
      assert.ok(batches.every((batch) => batch.length <= 10));
      assert.ok(
        batches.some((batch) => batch.length === 10),
        'a full batch',
      );
    },
  },
  { id: 'G13', title: 'a consumer that is too busy stops taking, and takes again' },
  {
    id: 'G14',
    title: 'a slow output slows the input: no more runs than the limit says, and nothing is lost',
    run: async (test) => {
      const faults = new Faults();
      const bindings = { orders: { consumer: { concurrency: 3, ordering: 'none', prefetch: 6 } } };
      const app = await test.start({ faults, components: [Cashier], bindings });
      const release = faults.holdSends({ destination: test.unique('receipts') });
      await sendAll(app.source(Order), orders(100));
      await test.eventually(() => assert.equal(app.get(Cashier).bills, 3));
      await test.remains(() => {
        assert.equal(app.get(Cashier).bills, 3);
        assert.ok(faults.traffic.open <= 6, `${faults.traffic.open} in hand`);
      });
      release();
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 100));
      assert.equal((await test.records('receipts')).length, 100);
    },
  },
  { id: 'G15', title: 'overflow goes by its rule: wait, drop the newest, drop the oldest, fail' },
];

/** Two handlers that are stuck, and then go on: never more deliveries open than `prefetch`, and nothing is lost. */
async function handsOverAtMost(test: CheckContext, prefetch: number, producer: BindingOptions): Promise<void> {
  const faults = new Faults();
  const gate = new Gate();
  const destination = test.unique(`orders-${prefetch}`);
  const consumer = { prefetch, concurrency: 2, ordering: 'none' };
  const bindings = { orders: { destination, producer, consumer } };
  const app = await test.start({ faults, bindings, components: [OrderDesk] });
  const seen = await test.record(app, test.unique('baristas'), (_, { signal }) => gate.passed(signal));
  await sendAll(
    app.get(OrderDesk).orders,
    orders(500, (number) => ({ customer: `customer ${number}` })),
  );
  await seen.untilCalled(2);
  await test.remains(() => assert.ok(faults.traffic.open <= prefetch, `${faults.traffic.open} in hand`));
  gate.open();
  await seen.until(500);
  assert.deepEqual(numbersOf(seen.handled), upTo(500));
  assert.ok(faults.traffic.peak <= prefetch, `${faults.traffic.peak} in hand, ${prefetch} allowed`);
}

/** Keys and their partitions of five, by the hash of Java's strings, as Spring Cloud Stream chooses them. */
const javaPartitions: Readonly<Record<string, number>> = {
  a: 2,
  foo: 4,
  123: 0,
  'key-1': 3,
  'order-42': 2,
  ключ: 2,
  '😀': 4,
  polygenelubricants: 0,
};

@injectable()
class Cashier {
  bills = 0;

  @Sink(Order)
  @Source(Receipt)
  bill(of: Order): Receipt {
    this.bills += 1;
    return receipt(of);
  }
}
