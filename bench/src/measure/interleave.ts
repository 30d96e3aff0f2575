import type { Program } from './program';
import { WorkerProcess } from './worker-process';
import type { Sample } from './workload';

export interface Candidate {
  readonly name: string;
  readonly program: Program;
  /** Messages of a round; slow ones need fewer for the same time. */
  readonly messages: number;
  readonly warmUpMessages: number;
  /** What has to be there before a round, such as messages in a queue. */
  readonly prepare?: (messages: number) => Promise<void>;
}

export interface Rounds {
  readonly rounds: number;
  /** A process for each round, where its start is part of what is measured; else one for all of them. */
  readonly freshProcesses?: boolean;
  readonly progress: (text: string) => void;
}

/**
 * Measures candidates in turn, A B C A B C …, each in its own process. Whatever else the machine does then falls on all of
 * them alike, and a ratio is taken between neighbours in time. The warm-up is a round that is not counted.
 */
export async function interleave(
  candidates: readonly Candidate[],
  { rounds, freshProcesses = false, progress }: Rounds,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const samples = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]));
  const running = new Map<string, WorkerProcess>();
  const workerOf = async ({ name, program }: Candidate): Promise<WorkerProcess> => {
    const worker = running.get(name) ?? (await WorkerProcess.start(name, program));
    running.set(name, worker);
    return worker;
  };
  const measure = async (candidate: Candidate, messages: number): Promise<Sample> => {
    await candidate.prepare?.(messages);
    const worker = await workerOf(candidate);
    const sample = await worker.measure(messages);
    if (freshProcesses) await stop(worker);
    return sample;
  };
  const stop = async (worker: WorkerProcess): Promise<void> => {
    running.delete(worker.name);
    await worker.stop();
  };
  try {
    for (const candidate of candidates) {
      progress(`warm-up of ${candidate.name}`);
      await measure(candidate, candidate.warmUpMessages);
    }
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      for (const candidate of candidates)
        samples.get(candidate.name)?.push(await measure(candidate, candidate.messages));
    }
    return samples;
  } finally {
    await Promise.all([...running.values()].map(stop));
  }
}
