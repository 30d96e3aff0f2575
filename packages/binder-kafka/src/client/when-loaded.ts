import { setTimeout as sleep } from 'node:timers/promises';

const LOADING_PAUSE_MS = 100;
const LOADING_LIMIT_MS = 10_000;

/** A coordinator that has just become one reads what it is to know, and refuses everything meanwhile. */
export async function whenLoaded<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + LOADING_LIMIT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if ((error as { type?: unknown }).type !== 'GROUP_LOAD_IN_PROGRESS' || Date.now() >= deadline) throw error;
      await sleep(LOADING_PAUSE_MS);
    }
  }
}
