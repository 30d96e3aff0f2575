import { MillraceError } from '../errors/millrace-error';

/** Thrown in place of a handler's outcome when the drain deadline has passed; never leaves the pipeline. */
export class Interrupted extends Error {}

/**
 * Runs a handler under its time limit. Settles when the handler does, when the limit is over (HANDLER_TIMEOUT) or when the
 * drain deadline fires ({@link Interrupted}), whichever is first; a handler that goes on after that is ignored, whatever it
 * does. Its signal fires in the last two cases; it is made when the handler asks, because making one costs more than all else here.
 */
export async function runLimited<T>(
  run: (signal: () => AbortSignal) => T | PromiseLike<T>,
  limitMs: number | false,
  deadline: AbortSignal,
  owner: string,
): Promise<T> {
  let controller: AbortController | undefined;
  const own = (): AbortController => {
    controller ??= new AbortController();
    return controller;
  };
  const result = run(() => own().signal);
  if (!isPromiseLike(result)) return result;
  return new Promise<T>((resolve, reject) => {
    const giveUp = (error: Error): void => {
      finish();
      own().abort(error);
      reject(error);
    };
    const onDeadline = (): void => giveUp(new Interrupted(`${owner} was still running at the drain deadline`));
    const timer = limitMs === false ? undefined : setTimeout(() => giveUp(timeoutError(owner, limitMs)), limitMs);
    const finish = (): void => {
      clearTimeout(timer);
      deadline.removeEventListener('abort', onDeadline);
    };
    deadline.addEventListener('abort', onDeadline);
    // Watched even when it is given up at once: what it rejects with later must not end the process.
    Promise.resolve(result).then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        finish();
        reject(error);
      },
    );
    if (deadline.aborted) onDeadline();
  });
}

function timeoutError(owner: string, limitMs: number): MillraceError {
  return new MillraceError('HANDLER_TIMEOUT', `${owner} ran longer than its timeout of ${limitMs} ms`);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function';
}
