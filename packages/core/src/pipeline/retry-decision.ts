import { MillraceError } from '../errors/millrace-error';
import { Reject, RetryLater } from '../errors/verdicts';
import type { ConsumerSettings } from '../options/consumer-options';
import { matchDistance } from '../options/error-match';

/** What follows a failed call of a handler. */
export type RetryDecision =
  /** Call it again in place, after the wait. */
  | { readonly step: 'again'; readonly delayMs: number }
  /** Set the message aside: the handler asked for it, or a rung of the delayed retry is left. */
  | { readonly step: 'later'; readonly delayMs: number; readonly rungs: number }
  | { readonly step: 'deadLetter' };

/** How far the handling of a record has come. */
export interface Progress {
  /** Calls made in this round, the failed one included; a delayed retry begins a new round. */
  readonly calls: number;
  /** Rungs of the delayed retry already used. */
  readonly rungs: number;
}

const deadLetter: RetryDecision = Object.freeze({ step: 'deadLetter' });

/**
 * Decides once, and returns the decision: events and logs are told the same delay that is waited.
 * With `n` delays the handler is called `maxAttempts × (n + 1)` times in all.
 *
 * @param chance a number in [0, 1), for jitter
 */
export function decideRetry(
  error: unknown,
  progress: Progress,
  retry: ConsumerSettings['retry'],
  chance: number,
): RetryDecision {
  const { calls, rungs } = progress;
  if (isKind(error, Reject, 'HANDLER_REJECTED')) return deadLetter;
  if (isKind(error, RetryLater, 'HANDLER_RETRY_LATER'))
    return { step: 'later', delayMs: (error as RetryLater).delayMs, rungs };
  if (!isRetryable(error, retry)) return deadLetter;
  if (calls < retry.maxAttempts) return { step: 'again', delayMs: backOffDelay(calls, retry.backOff, chance) };
  const delayMs = retry.delays[rungs];
  return delayMs === undefined ? deadLetter : { step: 'later', delayMs, rungs: rungs + 1 };
}

/** Whether a failed call speaks of an outage: not where the handler has judged the message, or the error is never retried. */
export function speaksOfOutage(error: unknown, retry: ConsumerSettings['retry']): boolean {
  if (isKind(error, Reject, 'HANDLER_REJECTED') || isKind(error, RetryLater, 'HANDLER_RETRY_LATER')) return false;
  return isRetryable(error, retry);
}

/** Wait before call `calls + 1`: `initial × multiplier^(calls-1)`, at most `max`, shortened by up to `jitter` of itself. */
export function backOffDelay(calls: number, backOff: ConsumerSettings['retry']['backOff'], chance: number): number {
  const full = Math.min(backOff.max, backOff.initial * backOff.multiplier ** (calls - 1));
  return Math.round(full * (1 - backOff.jitter * chance));
}

/** What goes wrong beside the handler is retried whatever its author says of its errors. */
function isRetryable(error: unknown, { only, except }: ConsumerSettings['retry']): boolean {
  if (MillraceError.is(error, 'INBOX_FAILED') || MillraceError.is(error, 'WORKER_LOST')) return true;
  if (only === undefined && except === undefined) return true;
  const wanted = only === undefined ? Number.POSITIVE_INFINITY : matchDistance(error, only);
  const unwanted = matchDistance(error, except);
  return wanted !== undefined && (unwanted === undefined || wanted < unwanted);
}

function isKind(error: unknown, kind: new (...args: never[]) => MillraceError, code: MillraceError['code']): boolean {
  return error instanceof kind || MillraceError.is(error, code);
}
