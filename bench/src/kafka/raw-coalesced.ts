// kafkajs where each caller awaits the acknowledgement of its own message: what waits goes together into the next request.
import { withCallers } from '../broker/callers';
import { type ContenderWorkloads, type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import { noteFor, plainOrder } from '../orders/order-fields';
import { Coalescing } from './coalescing';
import { connectedProducer, messageOf } from './kafkajs-client';

export const workloads: ContenderWorkloads = { produce };

async function produce(task: Task): Promise<Workload> {
  const producer = await connectedProducer(task);
  const note = noteFor(task.bytes);
  const coalescing = new Coalescing(producer, task.destination, task.bytes);
  return workload(
    (messages) => withCallers(task.callers, messages, (index) => coalescing.send(messageOf(plainOrder(index, note)))),
    () => producer.disconnect(),
  );
}
