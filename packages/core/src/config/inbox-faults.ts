import { type ConsumerSettings, inboxWindowOf } from '../options/consumer-options';
import type { Faults } from './faults';

/** Tells of idempotent sinks that could not keep their promise. @param where path of the consumer's options */
export function tellInboxFaults(
  settings: ConsumerSettings,
  group: string | undefined,
  where: string,
  faults: Faults,
): void {
  const windowMs = inboxWindowOf(settings);
  if (windowMs === undefined) return;
  const place = `${where}.idempotent`;
  if (group === undefined) {
    faults.add(
      place,
      'a broadcast consumer has its own copy of every message, which is never delivered again',
      "Drop 'idempotent' or 'broadcast'",
    );
  }
  if (settings.batch !== undefined) {
    faults.add(
      place,
      'a batch has no one message to be known by, and no one transaction for each of its items',
      "Drop 'idempotent' or 'batch'",
    );
  }
  const horizonMs = Math.ceil(retryHorizon(settings));
  if (windowMs < horizonMs) {
    faults.add(
      `${place}.window`,
      `a message is remembered for ${windowMs} ms, but its attempts may take ${horizonMs} ms`,
      "Make the window longer than 'retry' and 'timeout' allow, or give up sooner",
    );
  }
}

/** The time from the first to the last attempt, as far as the options tell: waits, delays, and calls that run into their timeout. */
function retryHorizon({ retry, timeout }: ConsumerSettings): number {
  const { maxAttempts, backOff, delays } = retry;
  const calls = maxAttempts * (timeout === false ? 0 : timeout);
  const delayed = delays.reduce((total, delay) => total + delay, 0);
  return (calls + waitsInAll(maxAttempts - 1, backOff)) * (delays.length + 1) + delayed;
}

/** The waits grow until they are as long as they may be; from there on they are all the same. */
function waitsInAll(count: number, { initial, multiplier, max }: ConsumerSettings['retry']['backOff']): number {
  let total = 0;
  let wait = initial;
  for (let left = count; left > 0; left -= 1) {
    if (wait >= max || multiplier === 1) return total + left * Math.min(wait, max);
    total += wait;
    wait *= multiplier;
  }
  return total;
}
