/** A value at a time. */
export interface Point {
  /** Seconds. */
  readonly at: number;
  readonly value: number;
}

/** Where a series of values is going. */
export interface Trend {
  readonly points: number;
  readonly mean: number;
  /** From the beginning to the end, along the line that fits best. */
  readonly growth: number;
  /** Three standard deviations from that line: what chance alone shows. */
  readonly noise: number;
}

const MOST_BY_CHANCE = 3;

/** The line through the points with the least squares. */
export function trendOf(points: readonly Point[]): Trend {
  const count = points.length;
  if (count < 3) return { points: count, mean: meanOf(points.map(({ value }) => value)), growth: 0, noise: 0 };
  const middle = meanOf(points.map(({ at }) => at));
  const mean = meanOf(points.map(({ value }) => value));
  let both = 0;
  let spread = 0;
  for (const { at, value } of points) {
    both += (at - middle) * (value - mean);
    spread += (at - middle) ** 2;
  }
  const slope = spread === 0 ? 0 : both / spread;
  const squares = points.map(({ at, value }) => (value - mean - slope * (at - middle)) ** 2);
  const span = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  return { points: count, mean, growth: slope * span, noise: MOST_BY_CHANCE * Math.sqrt(meanOf(squares)) };
}

/** Growth that is more than chance, and more than is worth a word. What becomes less is flat, too. */
export function isFlat({ growth, noise }: Trend, leastGrowth: number): boolean {
  return growth <= Math.max(noise, leastGrowth);
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
