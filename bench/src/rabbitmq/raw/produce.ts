import { type Task, workload } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import { noteFor, plainOrder } from '../../orders/order-fields';
import { bodyOf, openConfirming, publishOptionsMaker } from '../amqplib-client';

/** As many unconfirmed as there are callers elsewhere; nobody has a promise of his own here. */
export async function produce(task: Task): Promise<Workload> {
  const { channel, close } = await openConfirming(task);
  const { destination, callers } = task;
  const note = noteFor(task.bytes);
  const optionsOf = publishOptionsMaker(task);
  return workload(
    (messages) =>
      new Promise<void>((resolve, reject) => {
        let next = 0;
        let confirmed = 0;
        const publish = (): void => {
          while (next < messages && next - confirmed < callers) {
            channel.publish(destination, destination, bodyOf(plainOrder(next, note)), optionsOf(), onConfirm);
            next += 1;
          }
        };
        const onConfirm = (error: unknown): void => {
          if (error) reject(error);
          confirmed += 1;
          if (confirmed === messages) resolve();
          else publish();
        };
        publish();
      }),
    close,
  );
}
