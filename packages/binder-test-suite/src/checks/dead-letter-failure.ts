import assert from 'node:assert/strict';
import { Reject } from '@millrace/core';
import type { BinderUnderTest } from '../binder-under-test';
import type { Check } from '../check';
import { type CheckContext, consumerOf, sendInTurn } from '../check-context';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { Order, order, orders } from '../messages';

export const deadLetterFailure: readonly Check[] = [
  {
    id: 'E7',
    title:
      'a dead letter that cannot be written is no acknowledgement: the message comes back, health is down meanwhile',
    needs: ['deadLetters'],
    alone: true,
    run: async (test) => {
      if (test.subject.holdAnswers !== undefined) await waitsForTheBroker(test, test.subject.holdAnswers);
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

/** While the broker does not say that it has the dead letter, the message is not finished. */
async function waitsForTheBroker(
  test: CheckContext,
  holdAnswers: NonNullable<BinderUnderTest['holdAnswers']>,
): Promise<void> {
  const faults = new Faults();
  const broker = await test.ownWorld();
  const app = await test.start({ faults, worlds: { broker } });
  const group = test.unique('patient');
  const [called, go] = [new Gate(), new Gate()];
  await test.record(app, group, async ({ number }) => {
    if (number === 1) throw new Reject('makes the way to the dead letters known');
    called.open();
    await go.passed();
    throw new Reject('poison');
  });
  await sendInTurn(
    app.source(Order),
    orders(2, () => ({ customer: 'one' })),
  );
  await test.within('the call for the poison', called.passed());
  await test.eventually(() => assert.equal(faults.traffic.settled.length, 1));
  const release = await holdAnswers(broker);
  try {
    go.open();
    await test.remains(() => assert.equal(faults.traffic.settled.length, 1), 200);
  } finally {
    await release();
  }
  await test.eventually(() => assert.equal(faults.traffic.settled.length, 2));
  const letters = await broker.readDeadLetters(test.unique('orders'), group);
  assert.ok(letters.length >= 2, `${letters.length} dead letters`);
  await app.stop();
}
