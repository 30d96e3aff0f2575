import type { ConsumerSettings } from '../options/consumer-options';
import type { Faults } from './faults';

/** Tells of brakes and limits that could never do what they say. @param where path of the consumer's options */
export function tellBrakeFaults(settings: ConsumerSettings, where: string, faults: Faults): void {
  const { brake, circuitBreaker, rateLimit, batch } = settings;
  if (brake !== false && circuitBreaker !== false && circuitBreaker.failures <= brake.failures) {
    faults.add(
      `${where}.circuitBreaker.failures`,
      `the circuit breaker opens after ${circuitBreaker.failures} failures in a row, so the brake, which waits for ${brake.failures}, is never put on`,
      "Let the brake come first, or drop one of 'brake' and 'circuitBreaker'",
    );
  }
  if (rateLimit === false) return;
  if (rateLimit.per === 0)
    faults.add(`${where}.rateLimit.per`, 'no time at all is no limit', 'Give it a length such as 1s');
  if (batch !== undefined && batch.size > rateLimit.messages) {
    faults.add(
      `${where}.batch.size`,
      `a batch of ${batch.size} never fits into a rate limit of ${rateLimit.messages} messages`,
      'Make the batches smaller, or the span longer with as many more messages',
    );
  }
}
