// Sends that wait for a broker short of memory, and how much memory they wait in, in a process that runs nothing else. In a Jest
// worker a promise becomes dearer with each test file that ran there before: jest-circus opens an AsyncLocalStorage in each, none is
// ever closed, and Node.js up to 23 writes all of them into every promise (130 bytes for a waiting one with one storage, 1,700 with
// twenty, 6,300 with 120). A message of the parent asks for a step and gets its answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, text, until } from '@millrace/binder-test-suite';
import type { ProducerBinding } from '@millrace/core/spi';
import { Rig } from './rig';

const SENDS = 10_000;
const MEBIBYTE = 1024 * 1024;

const [, , url = '', destination = ''] = process.argv;
const rig = new Rig({ url });
const inbox = new Deliveries();
let producer: ProducerBinding;
let first: Promise<void>;
let sent: Promise<unknown>;
let confirmed = 0;
let waiting = 0;

const steps = {
  /** Resolves when messages flow. */
  async open(): Promise<void> {
    await rig.consumer(destination, { deliver: inbox.deliver, prefetch: 1_000 });
    producer = await rig.producer(destination);
    await producer.send(text('before'));
    await inbox.until(1);
  },

  /** The broker answers who sends: what it had taken before that may be confirmed. Resolves with the trouble it tells. */
  async sendFirst(): Promise<string | undefined> {
    first = producer.send(text('first'));
    first.catch(() => undefined);
    await until(() => rig.trouble !== undefined);
    return rig.trouble?.message;
  },

  /** The MiB that ten thousand sends take. */
  async sendMany(): Promise<number> {
    const before = await memoryInUse();
    const sendings = numbers(SENDS).map((each) => producer.send(text(each)).then(() => (confirmed += 1)));
    sent = Promise.all([first, ...sendings]);
    // Where the test fails, what it says is not to be lost among ten thousand rejections.
    sent.catch(() => undefined);
    waiting = await memoryInUse();
    return (waiting - before) / MEBIBYTE;
  },

  /** How it stands with them: how many are confirmed, how many MiB more they take than at first, and what is told. */
  async look(): Promise<{ confirmed: number; growth: number; trouble: string | undefined }> {
    const growth = ((await memoryInUse()) - waiting) / MEBIBYTE;
    return { confirmed, growth, trouble: rig.trouble?.message };
  },

  /** Resolves when all are confirmed and handled, with what was handled, and what is told now. */
  async arrive(): Promise<{ texts: string[]; trouble: string | undefined }> {
    await sent;
    await inbox.until(SENDS + 2, 60_000);
    return { texts: inbox.texts, trouble: rig.trouble?.message };
  },
};

/** Bytes that cannot be collected: objects, and the buffers outside of the heap. The collector gives buffers up later than objects. */
async function memoryInUse(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let unchanged = 0; unchanged < 3; unchanged += 1) {
    global.gc?.();
    await sleep(50);
    const { heapUsed, external } = process.memoryUsage();
    if (heapUsed + external < least - MEBIBYTE) unchanged = 0;
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

export type WaitingSends = typeof steps;

process.on('message', async (step: keyof WaitingSends) => {
  try {
    process.send?.({ answer: await steps[step]() });
  } catch (error) {
    process.send?.({ failure: String(error) });
  }
});
process.on('disconnect', () => process.exit());
