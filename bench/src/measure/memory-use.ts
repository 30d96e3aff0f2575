const MEGABYTE = 1024 * 1024;

/** In megabytes, after a full collection. */
export interface MemoryUse {
  readonly heap: number;
  readonly resident: number;
}

export function memoryUse(): MemoryUse {
  // Twice: what the first collection finalizes, the second frees.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: (heapUsed + external) / MEGABYTE, resident: rss / MEGABYTE };
}
