// A process that holds one workload and runs it when told to: `node worker.js <program as JSON>`.
import { pathToFileURL } from 'node:url';
import type { Program } from './program';
import { Stopwatch } from './stopwatch';
import type { Sample, Workload, WorkloadFactory } from './workload';

const {
  module: path,
  factory,
  settings,
  spawnedAt,
} = JSON.parse(process.argv[2] ?? '{}') as Program & { spawnedAt: number };

async function measure(workload: Workload, messages: number): Promise<Sample> {
  globalThis.gc?.();
  const clock = new Stopwatch(spawnedAt);
  const own = await workload.run(messages, clock);
  const { seconds, cpuMicros } = clock.result;
  return {
    messages,
    perSecond: messages / seconds,
    cpuMicros: cpuMicros / messages,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    own: own ?? {},
  };
}

async function main(): Promise<void> {
  const { workloads } = (await import(pathToFileURL(path).href)) as { workloads: Record<string, WorkloadFactory> };
  const workload = await workloads[factory]?.(settings as never);
  if (workload === undefined) throw new Error(`${path} has no workload '${factory}'`);
  process.on('message', (messages: number) => {
    measure(workload, messages).then(
      (sample) => process.send?.(sample),
      (error: unknown) => fail(error),
    );
  });
  process.on('disconnect', () => void workload.close().then(() => process.exit()));
  process.send?.('ready');
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
