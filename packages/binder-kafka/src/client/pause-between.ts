import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientOptions } from './kafkajs-settings';

/** Waits before what was tried so often is tried again: longer each time, and unevenly. Ends at once when the client is closed. */
export async function pauseBetween({ retry }: ClientOptions, tried: number, closing: AbortSignal): Promise<void> {
  const pause = Math.min(retry.max, retry.initial * 2 ** tried) * (0.8 + 0.4 * Math.random());
  await sleep(pause, undefined, { signal: closing }).catch(() => undefined);
}
