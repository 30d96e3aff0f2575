import { readdirSync } from 'node:fs';
import { now, type SampleEntry } from '../ledger/entry';

const OPEN_FILES = '/proc/self/fd';

/** Calls with what this process takes up, every so often; it does not keep the process alive. Returns what ends it. */
export function sample(everyMs: number, each: (entry: SampleEntry) => void): () => void {
  const timer = setInterval(() => each(takeSample()), everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function takeSample(): SampleEntry {
  // There with --expose-gc, as in a soak: then the heap holds only what is in use.
  globalThis.gc?.();
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
