import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { noteFor, plainOrder } from '../../orders/order-fields';
import { connectedProducer, messageMaker, recordsOfASend, send } from '../kafkajs-client';

const SENDS_IN_FLIGHT = 2;

/** Nobody awaits an acknowledgement of his own here, except where there is one caller. */
export async function produce(task: Task): Promise<Workload> {
  const producer = await connectedProducer(task);
  const note = noteFor(task.bytes);
  const messageOf = messageMaker(task);
  const size = Math.min(recordsOfASend(task.bytes), task.callers);
  return workload(
    async (messages) => {
      let next = 0;
      const sender = async (): Promise<void> => {
        while (next < messages) {
          const first = next;
          next = Math.min(messages, first + size);
          const records = Array.from({ length: next - first }, (_, at) => messageOf(plainOrder(first + at, note)));
          await send(producer, task.destination, records);
        }
      };
      await Promise.all(Array.from({ length: Math.min(SENDS_IN_FLIGHT, task.callers) }, sender));
    },
    () => producer.disconnect(),
  );
}
