import { z } from 'zod';
import { type Duration, parseDuration } from '../time/duration';

/** Reads a {@link Duration} and gives milliseconds. */
export function duration(): z.ZodType<number, Duration> {
  const spelled = z.union([z.number().nonnegative(), z.string()]).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms === undefined) {
      context.addIssue({ code: 'custom', message: `'${value}' is not a duration such as 500, '250ms', '10s' or '5m'` });
      return z.NEVER;
    }
    return ms;
  });
  return spelled.meta({ title: 'duration', examples: [500, '250ms', '10s', '5m'] }) as unknown as z.ZodType<
    number,
    Duration
  >;
}
