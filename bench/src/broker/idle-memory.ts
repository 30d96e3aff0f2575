import { setTimeout as sleep } from 'node:timers/promises';
import { type MemoryUse, memoryUse } from '../measure/memory-use';
import type { OwnMeasures } from '../measure/workload';

const KILOBYTES = 1_024;
const SETTLING_MS = 2_000;

/**
 * What each further binding costs while nothing happens. The first is opened before: it loads and compiles what all share.
 *
 * @param open opens the binding of that number, and resolves when it is ready
 * @returns kilobytes: `heap` (with memory outside of it), `resident`
 */
export async function memoryOfEach(bindings: number, open: (index: number) => Promise<unknown>): Promise<OwnMeasures> {
  await open(0);
  const before = await settled();
  for (let index = 1; index <= bindings; index += 1) await open(index);
  const after = await settled();
  const each = (of: keyof MemoryUse): number => ((after[of] - before[of]) * KILOBYTES) / bindings;
  return { heap: each('heap'), resident: each('resident') };
}

async function settled(): Promise<MemoryUse> {
  await sleep(SETTLING_MS);
  return memoryUse();
}
