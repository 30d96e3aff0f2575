import assert from 'node:assert/strict';
import type { Check } from '../check';
import { sendAll } from '../check-context';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { numbersOf, Order, order, orders, Receipt, receipt, upTo } from '../messages';

export const drain: readonly Check[] = [
  {
    id: 'H3',
    title: 'stopping waits for running handlers, and acknowledges what they finish',
    needs: ['groups'],
    run: async (test) => {
      const faults = new Faults();
      const gate = new Gate();
      const group = test.unique('baristas');
      const app = await test.start({ faults, drainTimeout: '1m' });
      const seen = await test.record(app, group, () => gate.passed());
      await app.send(Order, order(1));
      await seen.untilCalled(1);
      let isStopped = false;
      const stopping = app.stop().then(() => {
        isStopped = true;
      });
      await test.remains(() => assert.equal(isStopped, false));
      gate.open();
      await test.within('stopping', stopping);
      assert.equal(seen.handled.length, 1);
      assert.deepEqual(
        faults.traffic.settled.map((each) => each.verdict),
        ['ack'],
      );
      const later = await test.start();
      const rest = await test.record(later, group);
      await later.send(Order, order(2));
      await rest.until(1);
      assert.deepEqual(numbersOf(rest.handled), [2]);
    },
  },
  {
    id: 'H4',
    title: 'after the deadline handlers are told by their abort signal, and their messages go to another member',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.start({ drainTimeout: '50ms' });
      const stuck = await test.record(app, group, () => new Gate().passed());
      await app.send(Order, order(1));
      const [call] = await stuck.untilCalled(1);
      const startedAt = performance.now();
      await test.within('stopping after the deadline', app.stop(), 5_000);
      assert.ok(performance.now() - startedAt >= 45, 'the deadline was waited for');
      assert.equal(call?.signal.aborted, true);
      const seen = await test.record(await test.start(), group);
      await seen.until(1);
    },
  },
  {
    id: 'H5',
    title: 'the abort signal is silent while the grace time runs',
    run: async (test) => {
      const gate = new Gate();
      const app = await test.start({ drainTimeout: '1m' });
      const seen = await test.record(app, test.unique('baristas'), () => gate.passed());
      await app.send(Order, order(1));
      const [call] = await seen.untilCalled(1);
      const stopping = app.stop();
      await test.remains(() => assert.equal(call?.signal.aborted, false));
      gate.open();
      await test.within('stopping', stopping);
      assert.equal(call?.signal.aborted, false);
      assert.equal(seen.handled.length, 1);
    },
  },
  {
    id: 'H6',
    title: 'stopping returns even when a handler never ends and ignores its signal',
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { concurrency: 4, ordering: 'none' } } } });
      const stuck = await test.record(app, test.unique('baristas'), () => new Gate().passed());
      await sendAll(app.source(Order), orders(10));
      await stuck.untilCalled(4);
      await test.within('stopping', app.stop({ deadlineMs: 20 }), 5_000);
      assert.equal(stuck.calls.length, 4);
    },
  },
  {
    id: 'H8',
    title: 'members come and go while messages flow: none is lost, none is handled after a stop has returned',
    needs: ['groups'],
    seconds: 60,
    run: async (test) => {
      const group = test.unique('baristas');
      const sender = await test.start();
      const seen = test.recorder();
      await (await test.start()).sink(Order, { group }, seen.handle);
      let tooLate = 0;
      const visit = async (): Promise<void> => {
        const visitor = await test.start();
        let isGone = false;
        await visitor.sink(Order, { group }, async (...call) => {
          if (isGone) tooLate += 1;
          await new Promise((resolve) => setTimeout(resolve, 1));
          await seen.handle(...call);
        });
        await visitor.stop();
        isGone = true;
      };
      const sending = (async () => {
        for (const each of orders(500, (number) => ({ customer: `customer ${number % 20}` })))
          await sender.send(Order, each);
      })();
      for (const _ of upTo(test.times(8, 3))) await visit();
      await sending;
      await test.eventually(() => assert.deepEqual([...new Set(numbersOf(seen.handled))], upTo(500)), 20_000);
      assert.equal(tooLate, 0);
    },
  },
  {
    id: 'H9',
    title: 'a handler can still send while its application drains',
    run: async (test) => {
      const gate = new Gate();
      const app = await test.start({ drainTimeout: '1m' });
      const seen = await test.record(app, test.unique('baristas'), async (of) => {
        await gate.passed();
        await app.send(Receipt, receipt(of));
      });
      await app.send(Order, order(1));
      await seen.untilCalled(1);
      const stopping = app.stop();
      gate.open();
      await test.within('stopping', stopping);
      assert.equal(seen.handled.length, 1);
      assert.equal((await test.records('receipts')).length, 1);
    },
  },
];
