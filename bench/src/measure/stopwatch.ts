import type { Clock } from './workload';

interface Elapsed {
  readonly seconds: number;
  readonly cpuMicros: number;
}

/** Time by the clock on the wall and of the processor, between its start and its stop. */
export class Stopwatch implements Clock {
  readonly #spawnedAt: number;
  #startedAt = 0;
  #cpuAtStart = process.cpuUsage();
  #result: Elapsed | undefined;

  /** @param spawnedAt by the clock of {@link now} */
  constructor(spawnedAt: number) {
    this.#spawnedAt = spawnedAt;
    this.start();
  }

  start(): void {
    this.#result = undefined;
    this.#cpuAtStart = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  stop(): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000;
    const { user, system } = process.cpuUsage(this.#cpuAtStart);
    this.#result = { seconds, cpuMicros: user + system };
  }

  sinceSpawn(): number {
    return now() - this.#spawnedAt;
  }

  /** Stops it, unless it has stopped before. */
  get result(): Elapsed {
    if (this.#result === undefined) this.stop();
    return this.#result as Elapsed;
  }
}

/** Milliseconds since 1970 with their fractions; the same clock for all processes of the machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
