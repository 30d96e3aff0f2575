import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Check } from '../check';
import { ofEveryKind, plain } from '../header-kinds';
import { Order, order } from '../messages';

/** What one attempt does to its message must not reach the next. */
export const freshAttempts: readonly Check[] = [
  {
    id: 'B10',
    title: 'headers that a failing handler changes are as before in the next attempt',
    run: async (test) => {
      const app = await test.start();
      const found: unknown[] = [];
      const seen = await test.record(app, test.unique('baristas'), (_, { message }) => {
        found.push(
          plain(Object.fromEntries(Object.keys(ofEveryKind()).map((name) => [name, message.headers[name] ?? null]))),
        );
        spoil(message.headers);
        if (message.attempt < 3) throw new Error('not yet');
      });
      await app.send(Order, order(1), { headers: ofEveryKind() });
      await seen.until(1);
      assert.deepEqual(
        found,
        [1, 2, 3].map(() => plain(ofEveryKind())),
      );
    },
  },
  {
    id: 'B11',
    title: 'a body that a failing handler changes is as before in the next attempt',
    run: async (test) => {
      const app = await test.start();
      const found: unknown[] = [];
      const seen = await test.record(app, test.unique('baristas'), (of, { message }) => {
        found.push([of.drink, of.placedAt.getTime()]);
        of.drink = 'spilled';
        of.placedAt.setTime(0);
        if (message.attempt < 3) throw new Error('not yet');
      });
      await app.send(Order, order(1));
      await seen.until(1);
      assert.deepEqual(
        found,
        [1, 2, 3].map(() => ['flat white', order(1).placedAt.getTime()]),
      );
    },
  },
  {
    id: 'D19',
    title:
      'what one attempt leaves in message, body or asynchronous context is not there in the next, nor in other messages',
    run: async (test) => {
      const app = await test.start();
      const tenant = new AsyncLocalStorage<string>();
      const found: unknown[][] = [];
      const seen = await test.record(app, test.unique('baristas'), (of, { message }) => {
        found.push([of.number, of.drink, message.headers.table, tenant.getStore()]);
        tenant.enterWith(`tenant of order ${of.number}`);
        of.drink = 'spilled';
        assert.throws(() => Object.assign(message.headers, { table: 'none' }), TypeError);
        if (of.number === 1 && message.attempt < 3) throw new Error('not yet');
      });
      for (const number of [1, 2])
        await app.send(Order, order(number, { customer: 'one' }), { headers: { table: 'seven' } });
      await seen.until(2);
      assert.deepEqual(
        found,
        [1, 1, 1, 2].map((number) => [number, 'flat white', 'seven', undefined]),
      );
    },
  },
];

/** Tries to change all there is, in every depth. What is frozen throws, and that is fine. */
function spoil(value: unknown): void {
  if (value instanceof Date) value.setTime(0);
  else if (value instanceof Uint8Array) value.fill(1);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      spoil(member);
      Reflect.set(value, name, 'spoiled');
    }
  }
}
