import assert from 'node:assert/strict';
import { deadLetterHeaderNames } from '@millrace/core/spi';
import type { Check } from '../check';
import { sendInTurn } from '../check-context';
import { numbersOf, Order, orders, upTo } from '../messages';

/** What a handler may throw; `undefined` and friends are failures as well. */
const thrown: readonly unknown[] = [
  new TypeError('wrong cup'),
  'a text',
  undefined,
  null,
  0,
  false,
  { code: 7 },
  Symbol('sign'),
  Object.create(null),
];

export const handlerKinds: readonly Check[] = [
  {
    id: 'C5',
    title: 'whatever is thrown or rejected with, an error or not, is a failure',
    needs: ['deadLetters'],
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 1 } } } } });
      const throwing = test.unique('throwing');
      const rejecting = test.unique('rejecting');
      const reasonOf = (number: number): unknown => thrown[number - 1];
      await app.sink(Order, { group: throwing }, ({ number }) => {
        if (number <= thrown.length) throw reasonOf(number);
      });
      const seen = await test.record(app, rejecting, ({ number }) =>
        number <= thrown.length ? Promise.reject(reasonOf(number)) : undefined,
      );
      await sendInTurn(app.source(Order), orders(thrown.length + 1));
      for (const group of [throwing, rejecting]) {
        const letters = await test.untilDeadLetters(group, thrown.length);
        assert.deepEqual(
          letters.map(({ headers }) => headers[deadLetterHeaderNames.attempts]),
          thrown.map(() => 1),
        );
      }
      await seen.until(1);
      assert.deepEqual(numbersOf(seen.handled), [thrown.length + 1]);
    },
  },
  {
    id: 'C6',
    title: 'handlers that return, resolve, or return a thenable of another library behave alike',
    run: async (test) => {
      const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts: 2 } } } } });
      const outcomes = Object.entries(kinds).map(([kind, answer]) => ({
        kind,
        answer,
        calls: [] as number[],
        done: [] as number[],
      }));
      for (const { kind, answer, calls, done } of outcomes) {
        await app.sink(Order, { group: test.unique(kind) }, ({ number }, message) => {
          calls.push(number);
          return answer(message.attempt === 1 && number % 5 === 0, () => done.push(number));
        });
      }
      await sendInTurn(app.source(Order), orders(20));
      for (const { kind, calls, done } of outcomes) {
        await test.eventually(() =>
          assert.deepEqual(
            [...done].sort((a, b) => a - b),
            upTo(20),
            kind,
          ),
        );
        assert.equal(calls.length, 24, `${kind}: 20 calls, and 4 again`);
      }
    },
  },
];

type Answer = (fails: boolean, succeed: () => void) => unknown;

const kinds: Readonly<Record<string, Answer>> = {
  returning: (fails, succeed) => {
    if (fails) throw new Error('not yet');
    succeed();
  },
  resolving: async (fails, succeed) => {
    await new Promise(setImmediate);
    if (fails) throw new Error('not yet');
    succeed();
  },
  thenable: (fails, succeed) => ({
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    then: (resolve: () => void, reject: (error: Error) => void) => {
      setImmediate(() => {
        if (fails) return reject(new Error('not yet'));
        succeed();
        resolve();
      });
    },
  }),
};
