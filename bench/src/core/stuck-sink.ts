// Memory behind a sink that never settles, while a thousand producers try to send a million messages, each awaiting its send.
import { setTimeout as sleep } from 'node:timers/promises';
import { Millrace, Sink } from '@millrace/core';
import { type MemoryUse, memoryUse } from '../measure/memory-use';
import { Order, orderOf } from '../orders/order';
import { Orders } from './channels';

const MESSAGES = 1_000_000;
const PRODUCERS = 1_000;
const QUIET_MS = 1_000;

class StuckSink {
  @Sink(Orders, { timeout: false })
  take(_order: Order): Promise<void> {
    return new Promise(() => undefined);
  }
}

export interface StuckSinkResult {
  /** Sends that resolved before back-pressure held the rest. */
  readonly sent: number;
  readonly before: MemoryUse;
  readonly after: MemoryUse;
}

async function main(): Promise<StuckSinkResult> {
  const app = await Millrace.create({
    components: [StuckSink],
    config: { app: 'bench', binders: { local: { type: 'memory' } } },
    logger: false,
  });
  await app.start();
  const orders = app.source(Orders);
  await orders.send(orderOf(0));
  const before = memoryUse();
  let begun = 0;
  let sent = 0;
  const produce = async (): Promise<void> => {
    while (begun < MESSAGES) {
      begun += 1;
      await orders.send(orderOf(begun));
      sent += 1;
    }
  };
  for (let producer = 0; producer < PRODUCERS; producer += 1) void produce();
  for (let known = -1; known !== sent; ) {
    known = sent;
    await sleep(QUIET_MS);
  }
  return { sent, before, after: memoryUse() };
}

main().then(
  (result) => process.send?.(result, () => process.exit()),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
