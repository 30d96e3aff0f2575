import fc from 'fast-check';
import { MAX_DURATION_MS, parseDuration } from './duration';
import { within } from './within';

test.each<[unknown, number]>([
  [0, 0],
  [250, 250],
  ['250ms', 250],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0s', 0],
  [MAX_DURATION_MS, MAX_DURATION_MS],
])('%p is %d milliseconds', (value, ms) => {
  expect(parseDuration(value)).toBe(ms);
});

test.each([
  '',
  '10',
  's',
  '10 s',
  '-1s',
  '1w',
  '1y',
  '10S',
  '1e3ms',
  '30d',
  -1,
  MAX_DURATION_MS + 1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  null,
  undefined,
  true,
  {},
  [],
  5n,
])('%p is no duration', (value) => {
  expect(parseDuration(value)).toBeUndefined();
});

test('whatever is read, the answer is nothing or a wait that a timer can keep', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.stringMatching(/^\d{1,12}(\.\d{1,3})?(ms|s|m|h|d)$/)), (value) => {
      const ms = parseDuration(value);
      if (ms === undefined) return;
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(MAX_DURATION_MS);
    }),
  );
});

test('within tells whether a promise settled in time, and passes its failure on', async () => {
  expect(await within(Promise.resolve(), 1_000)).toBe(true);
  expect(await within(new Promise(() => undefined), 5)).toBe(false);
  await expect(within(Promise.reject(new Error('no')), 1_000)).rejects.toThrow('no');
});
