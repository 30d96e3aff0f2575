import assert from 'node:assert/strict';
import type { Check } from '../check';
import { Faults } from '../faults';
import { numbersOf, Order, order, orders, upTo } from '../messages';

export const idempotent: readonly Check[] = [
  {
    id: 'M19',
    title: 'a message that the broker delivers again after it was handled does not reach an idempotent sink',
    run: async (test) => {
      const faults = new Faults();
      const app = await test.start({ faults, bindings: { orders: { consumer: { idempotent: true } } } });
      const seen = await test.record(app, test.unique('baristas'));
      const outcomes: string[] = [];
      app.events.on('delivery', ({ outcome }) => outcomes.push(outcome));
      faults.refuseAcks({ times: 5 });
      for (const each of orders(20)) await app.send(Order, each);
      await test.eventually(() => assert.equal(faults.traffic.count('ack'), 20));
      assert.deepEqual(numbersOf(seen.handled), upTo(20));
      assert.equal(outcomes.filter((outcome) => outcome === 'duplicate').length, 5);
    },
  },
  {
    id: 'M21',
    title: 'a handler that fails leaves no mark: every attempt calls it, also after a delay',
    run: async (test) => {
      const retry = { maxAttempts: 2, delays: ['20ms'] };
      const app = await test.start({ bindings: { orders: { consumer: { idempotent: true, retry } } } });
      const seen = await test.record(app, test.unique('baristas'), (_, { message }) => {
        if (message.attempt < 4) throw new Error('not yet');
      });
      await app.send(Order, order(1));
      await seen.until(1);
      assert.deepEqual(seen.attempts, [1, 2, 3, 4]);
    },
  },
  {
    id: 'M22',
    title: 'two groups that share an inbox each handle the message once',
    needs: ['groups'],
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { idempotent: true } } } });
      const both = [await test.record(app, test.unique('one')), await test.record(app, test.unique('two'))];
      for (let count = 0; count < 2; count += 1) await app.send(Order, order(1), { id: 'the same' });
      await app.send(Order, order(2));
      for (const seen of both) {
        await seen.until(2);
        assert.deepEqual(numbersOf(seen.handled), [1, 2]);
      }
    },
  },
];
