import { setTimeout as sleep } from 'node:timers/promises';

const LOADING_PAUSE_MS = 100;
const LOADING_LIMIT_MS = 10_000;
const TAKING_OFFICE_LIMIT_MS = 2_000;

/** A coordinator that has just become one reads what it is to know, and refuses everything meanwhile. */
export function whenLoaded<T>(ask: () => Promise<T>): Promise<T> {
  return patiently(ask, LOADING_LIMIT_MS, ['GROUP_LOAD_IN_PROGRESS']);
}

/** A broker that is just starting does not know for a moment that it is the coordinator; where it is not, its refusal stands. */
export function whenInOffice<T>(ask: () => Promise<T>): Promise<T> {
  return patiently(() => whenLoaded(ask), TAKING_OFFICE_LIMIT_MS, [
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'NOT_COORDINATOR_FOR_GROUP',
  ]);
}

async function patiently<T>(ask: () => Promise<T>, limitMs: number, passing: readonly unknown[]): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!passing.includes((error as { type?: unknown }).type) || Date.now() >= deadline) throw error;
      await sleep(LOADING_PAUSE_MS);
    }
  }
}
