import assert from 'node:assert/strict';
import type { Application } from '@millrace/core';
import { deadLetterHeaderNames as names } from '@millrace/core/spi';
import type { RawRecord } from '../binder-under-test';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';
import { Order, order } from '../messages';

/** The least that common brokers allow for all headers of a message. */
const HEADER_LIMIT_BYTES = 128 * 1_024;

export const deadLetterReason: readonly Check[] = [
  {
    id: 'E3',
    title: 'the dead letter tells reason, class, stack, time, attempts, where it was, for whom, and on which host',
    needs: ['deadLetters'],
    run: async (test) => {
      const before = Date.now();
      const { app, letter } = await deadLetterFor(test, new TypeError('the cup is square'), 2);
      const { headers } = letter;
      assert.equal(headers[names.errorName], 'TypeError');
      assert.equal(headers[names.errorMessage], 'the cup is square');
      assert.match(String(headers[names.errorStack]), /^TypeError: the cup is square\n\s+at /);
      assert.equal(headers[names.kind], 'failed');
      assert.equal(headers[names.attempts], 2);
      assert.equal(headers[names.originalDestination], test.unique('orders'));
      assert.equal(headers[names.group], test.unique('baristas'));
      assert.equal(headers[names.binding], `orders/${test.unique('baristas')}`);
      assert.ok(String(headers[names.host]).length > 0);
      const time = Date.parse(String(headers[names.time]));
      assert.ok(time >= before && time <= Date.now(), `time ${headers[names.time]}`);
      if (test.capabilities.partitions)
        assert.equal(headers[names.originalPartition], (await test.records())[0]?.partition);
      assert.equal(app.health().status, 'up');
    },
  },
  {
    id: 'E4',
    title: 'a huge error with a huge stack still makes a dead letter, with headers below the limit of brokers',
    needs: ['deadLetters'],
    run: async (test) => {
      const error = new Error('☕'.repeat(1_000_000), { cause: new Error('because '.repeat(100_000)) });
      error.stack = `Error: huge\n${'    at a.place.far.away (é.ts:1:1)\n'.repeat(50_000)}`;
      const { letter } = await deadLetterFor(test, error, 1);
      const size = Object.entries(letter.headers).reduce(
        (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(String(value)),
        0,
      );
      assert.ok(size < HEADER_LIMIT_BYTES, `${size} bytes of headers`);
      assert.match(String(letter.headers[names.errorMessage]), /^☕☕/);
    },
  },
  {
    id: 'E5',
    title: 'errors without message, with circular causes, with getters that throw: a dead letter all the same',
    needs: ['deadLetters'],
    run: async (test) => {
      const circular = new Error('round', { cause: undefined });
      circular.cause = new Error('and round', { cause: circular });
      const hostile = new Error('hostile');
      for (const property of ['stack', 'message', 'name', 'cause'])
        Object.defineProperty(hostile, property, { get: () => assert.fail('not readable') });
      for (const [group, error] of Object.entries({ silent: new Error(), circular, hostile })) {
        const { letter, app } = await deadLetterFor(test, error, 1, test.unique(group));
        assert.equal(typeof letter.headers[names.errorName], 'string');
        assert.equal(typeof letter.headers[names.errorMessage], 'string');
        await app.stop();
      }
    },
  },
];

/** Lets one message fail with the error in every attempt. */
async function deadLetterFor(
  test: CheckContext,
  error: unknown,
  maxAttempts: number,
  group = test.unique('baristas'),
): Promise<Failed> {
  const app = await test.start({ bindings: { orders: { consumer: { retry: { maxAttempts } } } } });
  await test.record(app, group, () => Promise.reject(error));
  await app.send(Order, order(1));
  const [letter] = await test.untilDeadLetters(group, 1);
  return { app, letter: letter ?? assert.fail('no dead letter') };
}

interface Failed {
  readonly app: Application;
  readonly letter: RawRecord;
}
