import { readdirSync } from 'node:fs';
import { now, type SampleEntry } from '../ledger/entry';

const OPEN_FILES = '/proc/self/fd';

/** How old garbage may grow in a sample. */
const GARBAGE_MS = 5_000;

/**
 * Calls with what this process takes up, every so often; it does not keep the process alive. Returns what ends it. With `--expose-gc`
 * garbage is collected first, as V8 may leave three times of it beside what is in use: nobody could tell it from a leak.
 */
export function sample(everyMs: number, each: (entry: SampleEntry) => void): () => void {
  let sinceMs = 0;
  const timer = setInterval(() => {
    sinceMs += everyMs;
    if (sinceMs >= GARBAGE_MS) {
      globalThis.gc?.();
      sinceMs = 0;
    }
    each(takeSample());
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function takeSample(): SampleEntry {
  const { rss, heapUsed } = process.memoryUsage();
  return {
    at: now(),
    what: 'sample',
    rssMb: megabytes(rss),
    heapMb: megabytes(heapUsed),
    handles: process.getActiveResourcesInfo().length,
    files: countFiles(),
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_024 / 102.4) / 10;
}

function countFiles(): number {
  try {
    return readdirSync(OPEN_FILES).length;
  } catch {
    return 0;
  }
}
