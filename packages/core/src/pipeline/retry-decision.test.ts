import fc from 'fast-check';
import { MillraceError } from '../errors/millrace-error';
import { Reject, RetryLater } from '../errors/verdicts';
import { type ConsumerOptions, consumerOptions } from '../options/consumer-options';
import { backOffDelay, decideRetry } from './retry-decision';

const retryOf = (retry: ConsumerOptions['retry']) => consumerOptions.parse({ retry }).retry;

/** Every step until the dead letter. */
function story(error: unknown, options: ConsumerOptions['retry']): string[] {
  const retry = retryOf(options);
  const steps: string[] = [];
  let rungs = 0;
  for (let calls = 1; steps.length < 50; calls += 1) {
    const decision = decideRetry(error, { calls, rungs }, retry, 0);
    steps.push(decision.step === 'deadLetter' ? 'dead letter' : `${decision.step} ${decision.delayMs}`);
    if (decision.step === 'deadLetter') break;
    if (decision.step === 'later') {
      rungs = decision.rungs;
      calls = 0;
    }
  }
  return steps;
}

const noJitter = { initial: 100, multiplier: 2, max: 10_000, jitter: 0 };

test('the defaults are three calls, a second and two seconds apart', () => {
  expect(story(new Error('x'), { backOff: { jitter: 0 } })).toEqual(['again 1000', 'again 2000', 'dead letter']);
});

test.each([1, 2, 3, 7])('maxAttempts %d is the number of calls in all', (maxAttempts) => {
  expect(story(new Error('x'), { maxAttempts, backOff: noJitter })).toHaveLength(maxAttempts);
});

test('a fractional multiplier is not rounded away', () => {
  expect(story(new Error('x'), { maxAttempts: 5, backOff: { ...noJitter, multiplier: 1.5 } })).toEqual([
    'again 100',
    'again 150',
    'again 225',
    'again 338',
    'dead letter',
  ]);
});

test('a multiplier of one waits the same each time', () => {
  expect(story(new Error('x'), { maxAttempts: 4, backOff: { ...noJitter, multiplier: 1 } })).toEqual([
    'again 100',
    'again 100',
    'again 100',
    'dead letter',
  ]);
});

test('no wait is longer than max, however many attempts', () => {
  const { backOff } = retryOf({ backOff: { initial: '1s', multiplier: 10, max: '5s', jitter: 0 } });
  expect([1, 2, 3, 400, 1_000_000].map((calls) => backOffDelay(calls, backOff, 0))).toEqual([
    1_000, 5_000, 5_000, 5_000, 5_000,
  ]);
});

test('jitter shortens a wait by its share at most, and never lengthens it', () => {
  fc.assert(
    fc.property(
      fc.record({
        initial: fc.integer({ min: 0, max: 100_000 }),
        multiplier: fc.double({ min: 1, max: 5, noNaN: true }),
        max: fc.integer({ min: 0, max: 100_000 }),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (backOff, calls, chance) => {
        const full = Math.min(backOff.max, backOff.initial * backOff.multiplier ** (calls - 1));
        const delay = backOffDelay(calls, backOff, chance);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeLessThanOrEqual(Math.round(full));
        expect(delay).toBeGreaterThanOrEqual(Math.floor(full * (1 - backOff.jitter)));
      },
    ),
  );
});

test('chance spreads the waits over the whole share', () => {
  const backOff = { ...noJitter, jitter: 0.2 };
  expect([0, 0.5, 0.999999].map((chance) => backOffDelay(1, backOff, chance))).toEqual([100, 90, 80]);
});

test('Reject and RetryLater decide for themselves, also those of another copy of the package', () => {
  expect(story(new Reject('no'), { maxAttempts: 9 })).toEqual(['dead letter']);
  const decision = decideRetry(new RetryLater('30s'), { calls: 9, rungs: 0 }, retryOf({ maxAttempts: 3 }), 0);
  expect(decision).toMatchObject({ step: 'later', delayMs: 30_000 });
  expect(story(new MillraceError('HANDLER_REJECTED', 'no'), { maxAttempts: 9 })).toEqual(['dead letter']);
});

test('each rung of a delayed retry gives maxAttempts calls again', () => {
  expect(story(new Error('x'), { maxAttempts: 2, delays: ['5s', '1m'], backOff: noJitter })).toEqual([
    'again 100',
    'later 5000',
    'again 100',
    'later 60000',
    'again 100',
    'dead letter',
  ]);
});

test('only and except decide by class name, and the more specific class wins', () => {
  class Fault extends Error {}
  class Late extends Fault {}
  const lengths = (retry: ConsumerOptions['retry']) =>
    [new Late(), new Fault(), new Error('x')].map((error) => story(error, retry).length);
  expect(lengths({ only: ['Fault'] })).toEqual([3, 3, 1]);
  expect(lengths({ except: ['Fault'] })).toEqual([1, 1, 3]);
  expect(lengths({ only: ['Fault'], except: ['Late'] })).toEqual([1, 3, 1]);
  expect(lengths({ only: ['Late'], except: ['Fault'] })).toEqual([3, 1, 1]);
});
