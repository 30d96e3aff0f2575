import { MillraceError } from '../errors/millrace-error';
import { type Limited, limitsOf } from './time-limits';

/** Thrown in place of a handler's outcome when the drain deadline has passed; never leaves the pipeline. */
export class Interrupted extends Error {}

/**
 * Runs a handler under its time limit. One that is not asynchronous has no limit: what it gives or throws comes at once. For
 * another, settles when the handler does, when the limit is over (HANDLER_TIMEOUT) or when the drain deadline fires
 * ({@link Interrupted}), whichever is first; a handler that goes on after that is ignored, whatever it does. Its signal fires
 * in the last two cases; it is made when the handler asks, because making one costs more than all else here.
 */
export function runLimited<T>(
  run: (signal: () => AbortSignal) => T | PromiseLike<T>,
  limitMs: number | false,
  deadline: AbortSignal,
  owner: string,
): T | Promise<T> {
  let controller: AbortController | undefined;
  const own = (): AbortController => {
    controller ??= new AbortController();
    return controller;
  };
  const result = run(() => own().signal);
  if (!isPromiseLike(result)) return result;
  const outcome = Promise.resolve(result);
  return new Promise<T>((resolve, reject) => {
    const queue = limitsOf(deadline).queue(limitMs);
    const running: Limited = {
      startedAt: performance.now(),
      giveUp: (why) => {
        queue.leave(running);
        const error = why === 'limit' ? timeoutError(owner, limitMs) : interrupted(owner);
        own().abort(error);
        reject(error);
      },
    };
    queue.enter(running);
    // Watched even when it is given up at once: what it rejects with later must not end the process.
    outcome.then(
      (value) => {
        queue.leave(running);
        resolve(value);
      },
      (error: unknown) => {
        queue.leave(running);
        reject(error);
      },
    );
    if (deadline.aborted) running.giveUp('deadline');
  });
}

function interrupted(owner: string): Interrupted {
  return new Interrupted(`${owner} was still running at the drain deadline`);
}

function timeoutError(owner: string, limitMs: number | false): MillraceError {
  return new MillraceError('HANDLER_TIMEOUT', `${owner} ran longer than its timeout of ${limitMs} ms`);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function';
}
