import assert from 'node:assert/strict';
import { Reject } from '@millrace/core';
import type { Check } from '../check';
import { consumerOf, sendInTurn } from '../check-context';
import { Faults } from '../faults';
import { Order, order, orders } from '../messages';

export const deadLetterFailure: readonly Check[] = [
  {
    id: 'E7',
    title:
      'a dead letter that cannot be written is no acknowledgement: the message comes back, health is down meanwhile',
    needs: ['deadLetters'],
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({ faults });
      const group = test.unique('baristas');
      const outcomes: { written: boolean; acknowledged: number }[] = [];
      const health: string[] = [];
      app.events.on('deadLetter', ({ written }) =>
        outcomes.push({ written, acknowledged: faults.traffic.count('ack') }),
      );
      app.events.on('binding', ({ trouble }) => trouble && health.push(app.health().status));
      const failing = await test.record(app, group, ({ number }) => {
        if (number === 1) throw new Reject('poison');
      });
      faults.refuseDeadLetters({ times: 2 });
      await sendInTurn(
        app.source(Order),
        orders(2, () => ({ customer: 'one' })),
      );
      await test.untilDeadLetters(group, 1);
      await failing.until(1);
      assert.deepEqual(
        outcomes,
        [false, false, true].map((written) => ({ written, acknowledged: 0 })),
      );
      assert.equal(failing.calls.length, 4, 'calls: three of the poison, one of the next');
      assert.equal(health[0], 'down');
      await test.eventually(() => assert.equal(app.health().status, 'up'));
      assert.equal(consumerOf(app, group).trouble, undefined);
      assert.equal((await test.deadLetters(group)).length, 1);
    },
  },
  {
    id: 'E8',
    title: 'the acknowledgement is lost after the dead letter was written: in both places at most, never in none',
    needs: ['deadLetters'],
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({ faults });
      const group = test.unique('baristas');
      await test.record(app, group, ({ number }) => {
        if (number === 1) throw new Reject('poison');
      });
      faults.refuseAcks();
      await app.send(Order, order(1));
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 1));
      assert.deepEqual(
        faults.traffic.settled.map((each) => each.verdict),
        ['requeue', 'ack'],
      );
      const letters = await test.deadLetters(group);
      assert.ok(letters.length === 1 || letters.length === 2, `${letters.length} dead letters`);
    },
  },
  {
    id: 'E15',
    title: 'a listener to dead letters that fails changes nothing: the message is kept, the next is handled',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start();
      const group = test.unique('baristas');
      let calls = 0;
      app.events.on('deadLetter', () => {
        calls += 1;
        throw new Error('the listener is broken');
      });
      const seen = await test.record(app, group, ({ number }) => {
        if (number === 1) throw new Reject('poison');
      });
      await sendInTurn(
        app.source(Order),
        orders(2, () => ({ customer: 'one' })),
      );
      await seen.until(1);
      assert.equal(calls, 1);
      assert.equal((await test.untilDeadLetters(group, 1)).length, 1);
      assert.equal(app.health().status, 'up');
    },
  },
];
