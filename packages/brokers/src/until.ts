import { setTimeout as pause } from 'node:timers/promises';

const INTERVAL_MS = 25;

/** Asks until the answer is yes. Rejects with `late()` when that takes too long. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  late: () => Error,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw late();
    await pause(INTERVAL_MS);
  }
}
