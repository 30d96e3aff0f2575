import assert from 'node:assert/strict';
import { MillraceError } from '@millrace/core';
import type { Check } from '../check';
import { type CheckContext, sendAll, sendInTurn } from '../check-context';
import { OrderDesk } from '../components';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { FirstOrders, numbersOf, Order, order, orders, Receipt, receipt, upTo } from '../messages';

export const acknowledgement: readonly Check[] = [
  {
    id: 'C1',
    title: 'nothing is acknowledged before the handler ends: a member that goes away in between loses nothing',
    needs: ['groups'],
    run: async (test) => {
      const faults = new Faults();
      const group = test.unique('baristas');
      const first = await test.start({ faults });
      const stuck = await test.record(first, group, () => new Gate().passed());
      await sendInTurn(
        first.source(Order),
        orders(3, () => ({ customer: 'one' })),
      );
      await stuck.untilCalled(1);
      await test.remains(() => assert.equal(faults.traffic.settled.length, 0));
      await first.stop({ deadlineMs: 0 });
      assert.equal(faults.traffic.count('ack'), 0);
      const seen = await test.record(await test.start(), group);
      await seen.until(3);
      assert.deepEqual(numbersOf(seen.handled), [1, 2, 3]);
      await staysUnfinishedAmongOthers(test);
    },
  },
  {
    id: 'C2',
    title: 'nack twice, then success: all arrive, each in its third call',
    run: async (test) => {
      const app = await test.start({
        bindings: { orders: { consumer: { concurrency: 10, ordering: 'none', retry: { maxAttempts: 3 } } } },
      });
      const group = test.unique('baristas');
      const seen = await test.record(app, group, (_, { message }) => {
        if (message.attempt < 3) throw new Error('not yet');
      });
      await sendAll(app.source(Order), orders(100));
      await seen.until(100);
      assert.deepEqual(numbersOf(seen.handled), upTo(100));
      assert.equal(seen.calls.length, 300);
      assert.deepEqual(await test.deadLetters(group), []);
    },
  },
  {
    id: 'C3',
    title: 'the broker gets 100 records of each member back, then all are finished and none is left',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const partitions = test.capabilities.partitions ? { producer: { partitionCount: 6 } } : {};
      const options = { components: [OrderDesk], bindings: { orders: partitions } };
      const troubles = upTo(3).map(() => new Faults());
      const members = await Promise.all(troubles.map((faults) => test.start({ ...options, faults })));
      for (const faults of troubles) faults.refuseAcks({ times: 100 });
      const seen = test.recorder();
      for (const member of members) await member.sink(Order, { group }, seen.handle);
      await sendAll(
        members[0]?.get(OrderDesk).orders ?? assert.fail(),
        orders(60, (number) => ({ customer: `customer ${number}` })),
      );
      await test.eventually(
        () =>
          assert.equal(
            troubles.reduce((sum, { traffic }) => sum + traffic.count('ack'), 0),
            60,
          ),
        20_000,
      );
      assert.ok(troubles.some(({ traffic }) => traffic.count('requeue') === 100));
      assert.deepEqual([...new Set(numbersOf(seen.handled))], upTo(60));
      await Promise.all(members.map((member) => member.stop()));
      const later = await test.start({ bindings: { orders: partitions } });
      const rest = await test.record(later, group);
      await later.send(Order, order(61));
      await rest.until(1);
      await test.remains(() => assert.deepEqual(numbersOf(rest.handled), [61]));
    },
  },
  {
    id: 'C4',
    title: 'where order is promised, a message that is unfinished, or given back, holds back the next of its key',
    run: async (test) => {
      const gate = new Gate();
      const app = await test.start({ bindings: { orders: { consumer: { concurrency: 4 } } } });
      const seen = await test.record(app, test.unique('baristas'), ({ number }, { signal }) =>
        number === 1 ? gate.passed(signal) : undefined,
      );
      await sendInTurn(
        app.source(Order),
        orders(3, () => ({ customer: 'one' })),
      );
      await seen.untilCalled(1);
      await test.remains(() => assert.equal(seen.calls.length, 1));
      gate.open();
      await seen.until(3);
      assert.deepEqual(
        seen.handled.map((each) => each.number),
        [1, 2, 3],
      );
      await comesBackFirst(test);
    },
  },
  { id: 'C7', title: 'acknowledging by hand: twice is harmless or a clear error' },
  { id: 'C8', title: 'acknowledging by hand: a forgotten one is warned of, and seen in the health' },
  {
    id: 'C14',
    title: 'the context of a message ends with its handling: what is sent after that is refused, not lost in silence',
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { outputs: 'afterSuccess' } } } });
      const late: Promise<unknown>[] = [];
      const gate = new Gate();
      const seen = await test.record(app, test.unique('baristas'), (of) => {
        late.push(gate.passed().then(() => app.send(Receipt, receipt(of)).catch((error: unknown) => error)));
      });
      await app.send(Order, order(1));
      await seen.until(1);
      gate.open();
      const [outcome] = await Promise.all(late);
      assert.ok(MillraceError.is(outcome, 'APPLICATION_STATE'), String(outcome));
      assert.equal((await test.records('receipts')).length, 0);
    },
  },
];

/** Those before and behind it are acknowledged, perhaps several at once: that must not finish it too. */
async function staysUnfinishedAmongOthers(test: CheckContext): Promise<void> {
  const options = { bindings: { 'orders.first': { consumer: { concurrency: 10, ordering: 'none' } } } };
  const group = test.unique('baristas');
  const faults = new Faults();
  const first = await test.start({ ...options, faults });
  const seen = test.recorder(({ number }) => (number === 2 ? new Gate().passed() : undefined));
  await first.sink(FirstOrders, { group }, seen.handle);
  await sendInTurn(
    first.source(FirstOrders),
    orders(10, () => ({ customer: 'one' })),
  );
  await test.eventually(() => assert.equal(faults.traffic.count('ack'), 9));
  await first.stop({ deadlineMs: 0 });
  const again = test.recorder();
  const later = await test.start(options);
  await later.sink(FirstOrders, { group }, again.handle);
  await test.eventually(() => assert.ok(numbersOf(again.handled).includes(2), 'the unfinished one comes again'));
}

/** One record in hand at a time: what the broker gets back comes again before the next, although that was free to go. */
async function comesBackFirst(test: CheckContext): Promise<void> {
  const faults = new Faults();
  const destination = test.unique('orders-again');
  const app = await test.start({ faults, bindings: { orders: { destination, consumer: { prefetch: 1 } } } });
  const seen = await test.record(app, test.unique('baristas'));
  faults.refuseAcks({ times: 3 });
  await sendInTurn(
    app.source(Order),
    orders(3, () => ({ customer: 'one' })),
  );
  await test.eventually(() => assert.equal(faults.traffic.count('ack'), 3));
  assert.deepEqual(
    seen.handled.map((each) => each.number),
    [1, 1, 1, 1, 2, 3],
  );
}
