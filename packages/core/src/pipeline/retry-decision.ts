import { Reject, RetryLater } from '../errors/verdicts';
import { MillraceError } from '../errors/millrace-error';
import type { ConsumerSettings } from '../options/consumer-options';

/** What follows a failed call of a handler. */
export type RetryDecision =
  | { readonly step: 'again'; readonly delayMs: number }
  | { readonly step: 'later'; readonly delayMs: number }
  | { readonly step: 'deadLetter' };

const deadLetter: RetryDecision = Object.freeze({ step: 'deadLetter' });

/**
 * Decides once, and returns the decision: hooks and logs are told the same delay that is waited.
 *
 * @param calls calls made in this delivery, the failed one included
 * @param chance a number in [0, 1), for jitter
 */
export function decideRetry(error: unknown, calls: number, retry: ConsumerSettings['retry'], chance: number): RetryDecision {
  if (isKind(error, Reject, 'HANDLER_REJECTED')) return deadLetter;
  if (isKind(error, RetryLater, 'HANDLER_RETRY_LATER')) return { step: 'later', delayMs: (error as RetryLater).delayMs };
  if (calls >= retry.maxAttempts) return deadLetter;
  return { step: 'again', delayMs: backOffDelay(calls, retry.backOff, chance) };
}

/** Wait before call `calls + 1`: `initial × multiplier^(calls-1)`, at most `max`, shortened by up to `jitter` of itself. */
export function backOffDelay(calls: number, backOff: ConsumerSettings['retry']['backOff'], chance: number): number {
  const full = Math.min(backOff.max, backOff.initial * backOff.multiplier ** (calls - 1));
  return Math.round(full * (1 - backOff.jitter * chance));
}

function isKind(error: unknown, kind: new (...args: never[]) => MillraceError, code: MillraceError['code']): boolean {
  return error instanceof kind || MillraceError.is(error, code);
}
