import parse from 'ms';

type Unit = 'ms' | 's' | 'm' | 'h' | 'd';

/** A span of time: milliseconds as a number, or a number with a unit: `250`, `'250ms'`, `'10s'`, `'1.5m'`, `'2h'`, `'1d'`. */
export type Duration = number | `${number}${Unit}`;

const shape = /^\d+(\.\d+)?(ms|s|m|h|d)$/;

/** Longest span a timer of the platform can wait (2^31 - 1 ms, about 24.8 days). */
export const MAX_DURATION_MS = 2_147_483_647;

/** Milliseconds of a duration, or `undefined` where it is none: negative, longer than {@link MAX_DURATION_MS}, another unit. */
export function parseDuration(value: unknown): number | undefined {
  const spelled = typeof value === 'string' && shape.test(value) ? parse(value as `${number}`) : value;
  const isSpan = typeof spelled === 'number' && Number.isFinite(spelled) && spelled >= 0 && spelled <= MAX_DURATION_MS;
  return isSpan ? spelled : undefined;
}
