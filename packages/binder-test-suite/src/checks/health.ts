import assert from 'node:assert/strict';
import type { Check } from '../check';
import { consumerOf, sendAll, sendInTurn } from '../check-context';
import { Gate } from '../gate';
import { Order, order, orders } from '../messages';

export const health: readonly Check[] = [
  {
    id: 'P7',
    title: 'a consumer that is alive but does not move is down, and up when it moves again; one that is paused is up',
    run: async (test) => {
      const gate = new Gate();
      const group = test.unique('baristas');
      const stalledAfter = test.ms(150);
      const app = await test.start({ bindings: { orders: { consumer: { health: { stalledAfter } } } } });
      const seen = await test.record(app, group, (_, { signal }) => gate.passed(signal));
      const ofConsumer = () => consumerOf(app, group).health();
      await app.send(Order, order(1));
      await seen.untilCalled(1);
      await test.eventually(() => assert.equal(ofConsumer().status, 'down'));
      assert.deepEqual([ofConsumer().stalled, ofConsumer().state, app.health().status], [true, 'running', 'down']);
      assert.match(ofConsumer().reasons.join(), /a message has been worked on for \d+ ms/);
      gate.open();
      await seen.until(1);
      await test.eventually(() => assert.deepEqual([ofConsumer().stalled, app.health().status], [false, 'up']));
      await consumerOf(app, group).pause();
      await app.send(Order, order(2));
      await test.remains(() => assert.equal(app.health().status, 'up'), 250);
    },
  },
  {
    id: 'P9',
    title:
      'health tells last success, failures in a row, what is in hand, and that the binder is connected; it never throws',
    run: async (test) => {
      const group = test.unique('baristas');
      const app = await test.create({ bindings: { orders: { consumer: { retry: { maxAttempts: 2 } } } } });
      assert.equal(app.health().status, 'down');
      await app.start();
      const gate = new Gate();
      const seen = await test.record(app, group, async ({ number }, { signal }) => {
        if (number === 1) throw new Error('never');
        if (number > 2) await gate.passed(signal);
      });
      const ofConsumer = () => consumerOf(app, group).health();
      assert.deepEqual([ofConsumer().lastSuccess, ofConsumer().consecutiveFailures], [undefined, 0]);
      assert.ok(app.health().binders.every(({ connected }) => connected));
      const before = Date.now();
      await app.send(Order, order(1));
      await test.eventually(() => assert.equal(ofConsumer().consecutiveFailures, 2));
      await app.send(Order, order(2));
      await seen.until(1);
      await test.eventually(() => assert.equal(ofConsumer().consecutiveFailures, 0));
      assert.ok((ofConsumer().lastSuccess?.getTime() ?? 0) >= before);
      await sendAll(app.source(Order), [order(3), order(4)]);
      await test.eventually(() => assert.ok(ofConsumer().open >= 1));
      gate.open();
      await seen.until(3);
      await test.eventually(() => assert.equal(ofConsumer().open, 0));
      await app.stop();
      assert.equal(app.health().status, 'down');
    },
  },
  {
    id: 'P12',
    title: 'where the binder knows the lag it counts what is not finished, and ends at nothing',
    needs: ['history'],
    run: async (test) => {
      const gate = new Gate();
      const group = test.unique('baristas');
      const app = await test.start();
      const seen = await test.record(app, group, (_, { signal }) => gate.passed(signal));
      await sendInTurn(
        app.source(Order),
        orders(10, () => ({ customer: 'one' })),
      );
      await seen.untilCalled(1);
      const lag = () => consumerOf(app, group).health().lag;
      if (lag() === undefined) {
        gate.open();
        await seen.until(10);
        return;
      }
      await test.eventually(() => assert.equal(lag(), 10));
      gate.open();
      await seen.until(10);
      await test.eventually(() => assert.equal(lag(), 0));
    },
  },
];
