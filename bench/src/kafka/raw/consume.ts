import { isOrder } from '../../broker/handled';
import { type Task, TYPE_HEADER, typeName } from '../../broker/task';
import type { Workload } from '../../measure/workload';
import type { OrderFields } from '../../orders/order-fields';
import { batchRounds, type Handle } from '../kafkajs-client';

export async function consume(task: Task): Promise<Workload> {
  if (task.handlers > 1) return batchRounds(task, byType(task.handlers));
  return batchRounds(task, task.asyncHandler ? eachAwaited : each);
}

const each: Handle = async ({ batch }, handled) => {
  for (const { value } of batch.messages) {
    isOrder(JSON.parse(String(value)) as OrderFields);
    handled.add(1);
  }
};

const eachAwaited: Handle = async ({ batch }, handled) => {
  for (const { value } of batch.messages) {
    await handle(JSON.parse(String(value)) as OrderFields);
    handled.add(1);
  }
};

async function handle(order: OrderFields): Promise<void> {
  isOrder(order);
}

function byType(handlers: number): Handle {
  const handlerOf = new Map(
    Array.from({ length: handlers }, (_, index) => [typeName(index), (order: OrderFields) => isOrder(order)]),
  );
  return async ({ batch }, handled) => {
    for (const { value, headers } of batch.messages) {
      const order = JSON.parse(String(value)) as OrderFields;
      handlerOf.get(String(headers?.[TYPE_HEADER]))?.(order);
      handled.add(1);
    }
  };
}
