// What a hundred lives of an application leave behind: each starts, sends and handles a message, and stops.
import { Millrace, Sink } from '@millrace/core';
import { type MemoryUse, memoryUse } from '../measure/memory-use';
import { Order, orderOf } from '../orders/order';
import { Orders } from './channels';

const WARM_UP_CYCLES = 50;
const CYCLES = 100;

let taken: () => void = () => undefined;

class OneSink {
  @Sink(Orders)
  async take(_order: Order): Promise<void> {
    taken();
  }
}

export interface StartStopResult {
  /** Handles that were not there before the first cycle. */
  readonly handlesLeft: readonly string[];
  readonly before: MemoryUse;
  readonly after: MemoryUse;
}

async function cycle(index: number): Promise<void> {
  const app = await Millrace.create({
    components: [OneSink],
    config: { app: 'bench', binders: { local: { type: 'memory' } } },
    logger: false,
  });
  await app.start();
  const handled = new Promise<void>((resolve) => {
    taken = resolve;
  });
  await app.send(Orders, orderOf(index));
  await handled;
  await app.stop();
}

async function main(): Promise<StartStopResult> {
  const handlesBefore = process.getActiveResourcesInfo();
  for (let index = 0; index < WARM_UP_CYCLES; index += 1) await cycle(index);
  const before = memoryUse();
  for (let index = 0; index < CYCLES; index += 1) await cycle(index);
  const after = memoryUse();
  return { handlesLeft: without(process.getActiveResourcesInfo(), handlesBefore), before, after };
}

function without(all: readonly string[], known: readonly string[]): string[] {
  const left = [...all];
  for (const one of known) {
    const place = left.indexOf(one);
    if (place !== -1) left.splice(place, 1);
  }
  return left;
}

main().then(
  (result) => process.send?.(result, () => process.disconnect()),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
