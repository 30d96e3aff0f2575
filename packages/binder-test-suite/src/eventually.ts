import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

/**
 * Tries the assertion again and again until it holds, at growing intervals; fails with its last error when the time is over.
 * Returns what the assertion returns.
 */
export async function eventually<R>(assertion: () => R | Promise<R>, timeoutMs: number): Promise<R> {
  const end = performance.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() + pause > end) throw tooLate(error, timeoutMs);
    }
    await sleep(pause);
  }
}

/**
 * Asks again and again until it is so, at growing intervals; fails with `what()`, said in the words of that moment, when the time
 * is over. A question that throws fails at once: it is {@link eventually} that has patience with it.
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
  what: () => string = () => 'no more is known',
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; !(await isSo()); pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
    if (performance.now() > end) throw new Error(`still not so after ${timeoutMs} ms: ${what()}`);
    await sleep(pause);
  }
}

/** Waits for the promise, but not for ever: fails when it is still open after the time. */
export async function within<R>(what: string, promise: Promise<R>, timeoutMs: number): Promise<R> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what} was not done after ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}

/**
 * For absence only, where no event can be waited for: the assertion must hold at once and all through the time. Keep it
 * short, and let something that does happen come first, such as a later message that would have been overtaken.
 */
export async function remains(assertion: () => void | Promise<void>, durationMs: number): Promise<void> {
  const end = performance.now() + durationMs;
  do {
    await assertion();
    await sleep(Math.min(10, durationMs));
  } while (performance.now() < end);
  await assertion();
}

function tooLate(error: unknown, timeoutMs: number): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`still not so after ${timeoutMs} ms: ${message}`, { cause: error });
}
