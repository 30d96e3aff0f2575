// A process that holds one workload and runs it when told to: `node worker.js <module> <workload>`.
import type { Sample, Workload } from './workload';

type Workloads = Readonly<Record<string, () => Promise<Workload>>>;

const [modulePath = '', name = ''] = process.argv.slice(2);

async function measure(workload: Workload, messages: number): Promise<Sample> {
  globalThis.gc?.();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await workload.run(messages);
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    messages,
    perSecond: messages / seconds,
    cpuMicros: (user + system) / messages,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

async function main(): Promise<void> {
  const { workloads } = require(modulePath) as { workloads: Workloads };
  const workload = await workloads[name]?.();
  if (workload === undefined) throw new Error(`${modulePath} has no workload '${name}'`);
  process.on('message', (messages: number) => {
    measure(workload, messages).then(
      (sample) => process.send?.(sample),
      (error: unknown) => fail(error),
    );
  });
  process.on('disconnect', () => void workload.close());
  process.send?.('ready');
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
