import { channel, Sink } from '@millrace/core';
import type { Workload } from '../../measure/workload';
import { Order } from '../../orders/order';
import { isOrder } from '../handled';
import { type Task, typeName } from '../task';
import { type Component, channelOf, Round, rounds } from './application';

export async function consume(task: Task): Promise<Workload> {
  const round = new Round();
  return rounds(task, round, { components: task.handlers === 1 ? [sink(task, round)] : sinksOfTypes(task, round) });
}

export async function batch(task: Task): Promise<Workload> {
  const round = new Round();
  class BatchSink {
    @Sink(channelOf('orders', task), { batch: { size: 100, wait: 5 } })
    take(orders: Order[]): void {
      orders.forEach(isOrder);
      round.add(orders.length);
    }
  }
  return rounds(task, round, { components: [BatchSink] });
}

function sink(task: Task, round: Round): Component {
  const orders = channelOf('orders', task);
  class SyncSink {
    @Sink(orders)
    take(order: Order): void {
      isOrder(order);
      round.add(1);
    }
  }
  class AsyncSink {
    @Sink(orders)
    async take(order: Order): Promise<void> {
      isOrder(order);
      round.add(1);
    }
  }
  return task.asyncHandler ? AsyncSink : SyncSink;
}

/** A class and a handler for each type of message on the channel. */
function sinksOfTypes(task: Task, round: Round): Component[] {
  return Array.from({ length: task.handlers }, (_, index) => {
    class OrderOfType extends Order {}
    const orders = channel('orders', OrderOfType, { type: typeName(index), validate: task.validated });
    class SinkOfType {
      @Sink(orders)
      take(order: Order): void {
        isOrder(order);
        round.add(1);
      }
    }
    return SinkOfType;
  });
}
