import { WorkerProcess } from './worker-process';
import type { Sample } from './workload';

export interface Effort {
  readonly rounds: number;
  /** Messages in each round of each workload. */
  readonly messages: number;
}

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
  // Two rounds of warm-up: the first compiles, the second compiles better.
  for (let warmUp = 0; warmUp < 2; warmUp += 1) for (const worker of workers) await worker.measure(messages);
  for (let round = 1; round <= rounds; round += 1) {
    console.error(`  round ${round} of ${rounds}`);
    for (const worker of workers) samples.get(worker.name)?.push(await worker.measure(messages));
  }
  await Promise.all(workers.map((worker) => worker.stop()));
  return samples;
}
