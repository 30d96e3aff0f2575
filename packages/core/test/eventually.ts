const PAUSE_MS = 5;
const DEFAULT_LIMIT_MS = 5_000;

/** Tries the assertion until it holds and returns what it returns; fails with its last error when the time is over. */
export async function eventually<R>(assertion: () => R | Promise<R>, limitMs = DEFAULT_LIMIT_MS): Promise<R> {
  const end = performance.now() + limitMs;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Lets everything that is already due happen: used before asserting that something did not. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
