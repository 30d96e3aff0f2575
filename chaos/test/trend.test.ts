import { isFlat, type Point, trendOf } from '../src/soak/trend';

const series = (value: (at: number) => number): Point[] =>
  Array.from({ length: 100 }, (_, index) => ({ at: index * 10, value: value(index) }));
/** The same up and down in every run. */
const jitter = (index: number): number => ((index * 7919) % 100) / 100 - 0.5;

describe('the trend of a soak', () => {
  test('a level with noise is flat', () => {
    const trend = trendOf(series((index) => 50 + 4 * jitter(index)));
    expect(trend.mean).toBeCloseTo(50, 0);
    expect(isFlat(trend, 1)).toBe(true);
  });

  test('a leak under the noise of a single sample is seen', () => {
    const trend = trendOf(series((index) => 50 + index * 0.1 + 4 * jitter(index)));
    expect(trend.growth).toBeGreaterThan(9);
    expect(trend.growth).toBeLessThan(11);
    expect(isFlat(trend, 1)).toBe(false);
  });

  test('one handle more in a quarter of an hour is a leak when nothing else moves, unless it is not worth a word', () => {
    const trend = trendOf(series((index) => (index < 50 ? 20 : 26)));
    expect(isFlat(trend, 1)).toBe(false);
    expect(isFlat(trend, 10)).toBe(true);
  });

  test('what shrinks is flat', () => {
    expect(isFlat(trendOf(series((index) => 100 - index)), 0)).toBe(true);
  });

  test('too few points say nothing', () => {
    expect(trendOf([{ at: 0, value: 5 }])).toEqual({ points: 1, mean: 5, growth: 0, noise: 0 });
    expect(trendOf([])).toMatchObject({ points: 0, mean: 0 });
  });
});
