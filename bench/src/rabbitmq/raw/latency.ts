import { Latencies } from '../../broker/latencies';
import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { noteFor, plainOrder } from '../../orders/order-fields';
import { bodyOf, openConfirming, openConsuming, orderIn, published, take } from '../amqplib-client';

export async function latency(task: Task): Promise<Workload> {
  const latencies = new Latencies();
  const note = noteFor(task.bytes);
  const publisher = await openConfirming(task);
  const consumer = await openConsuming(task);
  await take(consumer.channel, task.destination, (message) => {
    latencies.handled(orderIn(message));
    consumer.channel.ack(message);
  });
  return workload(
    (messages) =>
      latencies.measure(messages, (index) =>
        published(publisher.channel, task.destination, bodyOf(plainOrder(index, note))),
      ),
    () => Promise.all([publisher.close(), consumer.close()]),
  );
}
