import { Latencies } from '../../broker/latencies';
import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { noteFor, type OrderFields, plainOrder } from '../../orders/order-fields';
import { connectedProducer, joinedConsumer, messageOf, runBatches, send } from '../kafkajs-client';

/** Commits once a second: whoever commits after each batch waits for the broker's 5 ms. */
export async function latency(task: Task): Promise<Workload> {
  const latencies = new Latencies();
  const note = noteFor(task.bytes);
  const producer = await connectedProducer(task);
  const { consumer, joined } = await joinedConsumer(task, task.unique, task.destination);
  const commits = await runBatches(consumer, task, async ({ batch }) => {
    for (const { value } of batch.messages) latencies.handled(JSON.parse(String(value)) as OrderFields);
  });
  await joined;
  return workload(
    (messages) =>
      latencies.measure(messages, (index) => send(producer, task.destination, [messageOf(plainOrder(index, note))])),
    async () => {
      await commits.end();
      await Promise.all([consumer.disconnect(), producer.disconnect()]);
    },
  );
}
