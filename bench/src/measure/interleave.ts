import { WorkerProcess } from './worker-process';
import type { Sample } from './workload';

export interface Effort {
  readonly rounds: number;
  /** Messages in each round of each workload. */
  readonly messages: number;
}

/** Short rounds need as long a warm-up: what has not been compiled well yet flatters whoever is compared with it. */
const WARM_UP_MESSAGES = 40_000;

/**
 * Measures workloads in turn, A B C A B C …, each in its own process. Whatever else the machine does then falls on all of
 * them alike, and a ratio is taken between neighbours in time.
 */
export async function interleave(
  modulePath: string,
  names: readonly string[],
  { rounds, messages }: Effort,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const workers = await Promise.all(names.map((name) => WorkerProcess.start(modulePath, name)));
  const samples = new Map<string, Sample[]>(names.map((name) => [name, []]));
  for (const worker of workers) await worker.measure(WARM_UP_MESSAGES);
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`  round ${round} of ${rounds}`);
    for (const worker of workers) samples.get(worker.name)?.push(await worker.measure(messages));
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  return samples;
}
