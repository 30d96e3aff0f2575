import type { ConsumeMessage } from 'amqplib';
import { isOrder } from '../../broker/handled';
import type { Task } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import type { OrderFields } from '../../orders/order-fields';
import { messageRounds, orderIn } from '../amqplib-client';

/** One acknowledgement for half of the prefetch, and one for the rest at the end. */
export async function consume(task: Task): Promise<Workload> {
  const together = Math.max(1, (task.prefetch ?? 1) >> 1);
  return messageRounds(task, (channel, handled, messages) => {
    let count = 0;
    const done = (message: ConsumeMessage): void => {
      count += 1;
      if (count % together === 0 || count === messages) channel.ack(message, true);
      handled.add(1);
    };
    if (!task.asyncHandler)
      return (message) => {
        isOrder(orderIn(message));
        done(message);
      };
    return async (message) => {
      await handle(orderIn(message));
      done(message);
    };
  });
}

async function handle(order: OrderFields): Promise<void> {
  isOrder(order);
}
