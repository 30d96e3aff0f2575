import assert from 'node:assert/strict';
import { type Message, Reject, Sink } from '@millrace/core';
import { deadLetterHeaderNames } from '@millrace/core/spi';
import { injectable } from 'inversify';
import type { Check } from '../check';
import { Faults } from '../faults';
import { Gate } from '../gate';
import { numbersOf, Order, order, Receipt, receipt } from '../messages';

export const retry: readonly Check[] = [
  {
    id: 'D1',
    title: 'maxAttempts is the exact number of calls; the next step is the dead letter',
    needs: ['deadLetters'],
    run: async (test) => {
      const four = test.unique('four');
      const one = test.unique('one');
      const groups = { [four]: { retry: { maxAttempts: 4 } }, [one]: { retry: { maxAttempts: 1 } } };
      const app = await test.start({ bindings: { orders: { groups } } });
      const failing = { [four]: await test.record(app, four, fail), [one]: await test.record(app, one, fail) };
      await app.send(Order, order(1));
      for (const [group, calls] of [[four, 4] as const, [one, 1] as const]) {
        const [letter] = await test.untilDeadLetters(group, 1);
        assert.equal(letter?.headers[deadLetterHeaderNames.attempts], calls);
        assert.equal(failing[group]?.calls.length, calls);
      }
    },
  },
  {
    id: 'D2',
    title: 'the attempt number is visible: 1, 2, 3',
    run: async (test) => {
      const attempts: (number | undefined)[][] = [];
      @injectable()
      class Barista {
        @Sink(Order, { receive: 'message' })
        async brew(message: Message<Order>): Promise<void> {
          attempts.push([message.payload.number, message.attempt, message.delivery?.attempt]);
          if (message.attempt < 3) throw new Error('not yet');
        }
      }
      const app = await test.start({
        components: [Barista],
        bindings: { orders: { consumer: { retry: { maxAttempts: 5 } } } },
      });
      await app.send(Order, order(1));
      await test.eventually(() => assert.equal(attempts.length, 3));
      await app.send(Order, order(2));
      await test.eventually(() => assert.equal(attempts.length, 6));
      assert.deepEqual(
        attempts,
        [1, 2].flatMap((number) => [1, 2, 3].map((attempt) => [number, attempt, attempt])),
      );
    },
  },
  {
    id: 'D3',
    title: 'the attempt number survives redelivery by the broker, to the same member or another',
    needs: ['groups', 'countsDeliveries'],
    run: async (test) => {
      const group = test.unique('baristas');
      const faults = new Faults();
      const first = await test.start({ faults });
      const stuck = await test.record(first, group, (_, { message }) =>
        message.attempt < 3 ? undefined : new Gate().passed(),
      );
      faults.refuseAcks({ times: 2 });
      await first.send(Order, order(1));
      await stuck.untilCalled(3);
      assert.deepEqual(stuck.attempts, [1, 2, 3]);
      await first.stop({ deadlineMs: 0 });
      const seen = await test.record(await test.start(), group);
      await seen.until(1);
      assert.deepEqual(seen.attempts, [4]);
    },
  },
  {
    id: 'D9',
    title: 'retry only for listed errors, or for all but listed ones; the most specific class wins',
    needs: ['deadLetters'],
    run: async (test) => {
      const retry = { maxAttempts: 3, only: ['RangeError', 'EmptyGrinder'], except: ['TypeError', 'Grinder'] };
      const app = await test.start({ bindings: { orders: { consumer: { retry } } } });
      const errors = [
        new RangeError(),
        new TypeError(),
        new Error(),
        new Grinder(),
        new EmptyGrinder(),
        new LostGrinder(),
      ];
      const group = test.unique('baristas');
      const failing = await test.record(app, group, ({ number }) => Promise.reject(errors[number - 1]));
      for (const [index] of errors.entries()) await app.send(Order, order(index + 1));
      await test.untilDeadLetters(group, errors.length);
      const calls = errors.map(
        (_, index) => failing.calls.filter(({ payload }) => payload.number === index + 1).length,
      );
      assert.deepEqual(calls, [3, 1, 1, 1, 3, 1]);
    },
  },
  {
    id: 'D10',
    title: 'Reject: one call, then the dead letter at once',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 5 } } } } });
      const group = test.unique('baristas');
      const refusing = await test.record(app, group, ({ drink }) => {
        throw new Reject(`no ${drink} here`);
      });
      await app.send(Order, order(1));
      const [letter] = await test.untilDeadLetters(group, 1);
      assert.equal(refusing.calls.length, 1);
      assert.equal(letter?.headers[deadLetterHeaderNames.code], 'HANDLER_REJECTED');
      assert.equal(letter?.headers[deadLetterHeaderNames.errorMessage], 'no flat white here');
    },
  },
  {
    id: 'D11',
    title: 'a stop ends the wait before the next attempt, and the message is not lost',
    needs: ['groups'],
    run: async (test) => {
      const group = test.unique('baristas');
      const backOff = { initial: '10m', max: '10m' };
      const first = await test.start({
        bindings: { orders: { consumer: { retry: { backOff } } } },
        drainTimeout: '1m',
      });
      const failing = await test.record(first, group, () => Promise.reject(new Error('not now')));
      await first.send(Order, order(1));
      await failing.untilCalled(1);
      await test.eventually(() => assert.equal(failing.running, 0));
      await test.within('stopping in the middle of a back-off', first.stop(), 5_000);
      const seen = await test.record(await test.start(), group);
      await seen.until(1);
      assert.deepEqual(numbersOf(seen.handled), [1]);
    },
  },
  {
    id: 'D12',
    title: 'what a failed attempt sent is not sent a second time',
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { outputs: 'afterSuccess' } } } });
      const seen = await test.record(app, test.unique('baristas'), async (of, { message }) => {
        await app.send(Receipt, receipt(of));
        if (message.attempt < 3) throw new Error('not yet');
      });
      await app.send(Order, order(1));
      await seen.until(1);
      await test.eventually(async () => assert.equal((await test.records('receipts')).length, 1));
      await app.stop();
      assert.equal((await test.records('receipts')).length, 1);
    },
  },
];

const fail = (): never => {
  throw new Error('always');
};

class Grinder extends Error {}
class EmptyGrinder extends Grinder {}
class LostGrinder extends Grinder {}
