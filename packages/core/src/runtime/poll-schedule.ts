import { Cron } from 'croner';
import type { PollOptions } from '../metadata/stream-metadata';
import { parseDuration } from '../time/duration';

/** What is wrong with a schedule, if anything. */
export function pollFault({ every, cron, initialDelay, maxPerPoll }: PollOptions): string | undefined {
  for (const [name, value] of Object.entries({ every, initialDelay })) {
    if (value !== undefined && parseDuration(value) === undefined)
      return `${name} '${value}' is not a duration such as 500, '5s' or '1m'`;
  }
  if (maxPerPoll !== undefined && !(Number.isInteger(maxPerPoll) && maxPerPoll > 0))
    return `maxPerPoll ${maxPerPoll} is not a number of calls, 1 or more`;
  if (cron === undefined) return undefined;
  try {
    void new Cron(cron);
    return undefined;
  } catch (error) {
    return `cron '${cron}' cannot be read: ${(error as Error).message}`;
  }
}

/** Milliseconds until the next poll. */
export function nextPollIn({ every, cron }: PollOptions): number {
  if (cron === undefined) return parseDuration(every) ?? 0;
  const next = new Cron(cron).nextRun();
  return next === null ? Number.POSITIVE_INFINITY : Math.max(0, next.getTime() - Date.now());
}
