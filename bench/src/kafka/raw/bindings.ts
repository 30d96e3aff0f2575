import { Handled } from '../../broker/handled';
import { memoryOfEach } from '../../broker/idle-memory';
import { readyTimes } from '../../broker/ready-times';
import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { joinedConsumer, runBatches } from '../kafkajs-client';

/** From the start of the process to the first message handled. */
export async function firstMessage(task: Task): Promise<Workload> {
  return workload(async (_messages, clock) => {
    const handled = new Handled(1, clock);
    const { consumer } = await joinedConsumer(task, `${task.unique}-${process.pid}`, task.destination);
    const commits = await runBatches(consumer, task, async ({ batch }) => {
      for (const { value } of batch.messages) {
        JSON.parse(String(value));
        handled.add(1);
      }
    });
    await handled.all;
    const firstMessage = clock.sinceSpawn();
    await commits.end();
    await consumer.disconnect();
    return { firstMessage };
  });
}

export async function idle(task: Task): Promise<Workload> {
  const closing: (() => Promise<void>)[] = [];
  return workload(
    (bindings) =>
      memoryOfEach(bindings, async (index) => {
        closing.push(await idleConsumer(task, index));
      }),
    () => Promise.all(closing.map((close) => close())),
  );
}

/** Every consumer in a group of its own, so that they do not rebalance one another. */
export async function bindings(task: Task): Promise<Workload> {
  return workload((most) =>
    readyTimes(most, async (count) => {
      const closing = await Promise.all(Array.from({ length: count }, (_, index) => idleConsumer(task, index)));
      return () => Promise.all(closing.map((close) => close()));
    }),
  );
}

async function idleConsumer(task: Task, index: number): Promise<() => Promise<void>> {
  const { consumer, joined } = await joinedConsumer(task, `${task.unique}-${index}`, `${task.destination}-${index}`);
  await consumer.run({ eachBatch: async () => undefined });
  await joined;
  return () => consumer.disconnect();
}
