import { type Duration, parseDuration } from '../time/duration';
import { MillraceError } from './millrace-error';

/**
 * Thrown by a handler that knows the message will never succeed: it goes to the dead letter at once, without retries.
 *
 * ```ts
 * throw new Reject(`no such drink: ${order.drink}`);
 * ```
 */
export class Reject extends MillraceError {
  constructor(reason: string, options: { readonly cause?: unknown } = {}) {
    super('HANDLER_REJECTED', reason, options);
    this.name = 'Reject';
  }
}

/**
 * Thrown by a handler that wants the message again after a delay, without holding up others meanwhile.
 * Later messages of the same key may overtake it. Attempts are counted.
 *
 * ```ts
 * throw new RetryLater('30s', 'the oven is cleaning itself');
 * ```
 */
export class RetryLater extends MillraceError {
  readonly delayMs: number;

  /** @param delay how long to wait; at most about 24.8 days. Throws a RangeError on anything that is not a {@link Duration}. */
  constructor(
    delay: Duration,
    reason = 'the handler asked for the message again later',
    options: { readonly cause?: unknown } = {},
  ) {
    super('HANDLER_RETRY_LATER', reason, options);
    this.name = 'RetryLater';
    const delayMs = parseDuration(delay);
    if (delayMs === undefined)
      throw new RangeError(`RetryLater: '${String(delay)}' is not a duration such as 500, '30s' or '5m'`);
    this.delayMs = delayMs;
  }
}

/**
 * Thrown by a batch handler that knows which items failed: only these are retried or dead-lettered, the others are acknowledged.
 *
 * ```ts
 * throw new BatchFailed(new Map([[3, new Error('no such drink')]]));
 * throw new BatchFailed([0, 3], { cause });
 * ```
 */
export class BatchFailed extends MillraceError {
  /** Index in the batch → why it failed. */
  readonly failures: ReadonlyMap<number, unknown>;

  /** @param items indexes into the batch, from 0; alone, or each with its error */
  constructor(items: readonly number[] | ReadonlyMap<number, unknown>, options: { readonly cause?: unknown } = {}) {
    const failures =
      items instanceof Map
        ? new Map<number, unknown>(items)
        : new Map<number, unknown>([...(items as readonly number[])].map((index) => [index, options.cause]));
    super('HANDLER_BATCH_FAILED', `items ${[...failures.keys()].join(', ')} of the batch failed`, options);
    this.name = 'BatchFailed';
    this.failures = failures;
  }
}
