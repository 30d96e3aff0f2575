import assert from 'node:assert/strict';
import type { Check } from '../check';
import type { CheckContext } from '../check-context';
import { Order, order } from '../messages';

/** Timers of the platform may fire this much before their time, rounded. */
const TIMER_MS = 2;

export const backOff: readonly Check[] = [
  {
    id: 'D6',
    title: 'back-off: none, fixed, exponential; capped; jitter within its bounds',
    run: async (test) => {
      const plans: readonly [retry: object, expected: readonly number[]][] = [
        [{ initial: 0 }, [0, 0, 0]],
        [{ initial: '10ms', multiplier: 1 }, [10, 10, 10]],
        [{ initial: '10ms', multiplier: 2, max: '1s' }, [10, 20, 40]],
        [{ initial: '10ms', multiplier: 3, max: '25ms' }, [10, 25, 25]],
      ];
      for (const [plan, expected] of plans)
        assert.deepEqual((await delaysOf(test, { jitter: 0, ...plan })).told, expected);
      const { told } = await delaysOf(test, { initial: '40ms', multiplier: 1, jitter: 0.5 }, 9);
      assert.ok(
        told.every((delay) => delay >= 20 && delay <= 40),
        `jittered delays ${told}`,
      );
      assert.ok(new Set(told).size > 1, `jittered delays ${told}`);
    },
  },
  {
    id: 'D7',
    title: 'a fractional multiplier is not rounded',
    run: async (test) => {
      const { told } = await delaysOf(test, { initial: '20ms', multiplier: 1.5, max: '1s', jitter: 0 });
      for (const [index, expected] of [20, 30, 45].entries())
        assert.ok(Math.abs((told[index] ?? 0) - expected) <= 1, `delays ${told}`);
    },
  },
  {
    id: 'D8',
    title: 'listeners to retries, even failing ones, do not disturb the schedule',
    run: async (test) => {
      const broken = (): never => {
        throw new Error('the listener is broken');
      };
      const { told, waited } = await delaysOf(
        test,
        { initial: '30ms', multiplier: 2, max: '1s', jitter: 0 },
        4,
        broken,
      );
      assert.deepEqual(told, [30, 60, 120]);
      for (const [index, delay] of told.entries()) {
        const wait = waited[index] ?? 0;
        assert.ok(wait >= delay - TIMER_MS && wait < delay + test.ms(1_000), `told ${told}, waited ${waited}`);
      }
    },
  },
];

interface Delays {
  /** As the events say. */
  readonly told: readonly number[];
  /** From the start of a call to the start of the next. */
  readonly waited: readonly number[];
}

/** Lets a message fail in every attempt but the last, and measures. */
async function delaysOf(
  test: CheckContext,
  plan: object,
  calls = 4,
  listener: () => void = () => undefined,
): Promise<Delays> {
  const app = await test.start({
    bindings: { orders: { consumer: { retry: { maxAttempts: calls, backOff: plan } } } },
  });
  const told: number[] = [];
  app.events.on('retry', listener);
  app.events.on('retry', ({ delayMs }) => told.push(delayMs));
  const group = test.unique('baristas');
  const seen = await test.record(app, group, (_, { message }) => {
    if (message.attempt < calls) throw new Error('not yet');
  });
  await app.send(Order, order(1));
  await seen.until(1);
  await app.stop();
  const starts = seen.calls.map((call) => call.startedAt);
  return { told, waited: starts.slice(1).map((start, index) => start - (starts[index] ?? 0)) };
}
