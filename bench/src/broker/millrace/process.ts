import { type Application, Sink, Source } from '@millrace/core';
import type { Workload } from '../../measure/workload';
import { Order } from '../../orders/order';
import { isOrder } from '../handled';
import type { Task } from '../task';
import { channelOf, Round, rounds } from './application';

/** Two full requests of outputs: while the broker works on one, the other is made. More only live longer. */
const MANY_AT_ONCE = 1_000;

export async function processOrders(task: Task): Promise<Workload> {
  const round = new Round();
  class Processor {
    @Sink(channelOf('orders', task))
    @Source(channelOf('outputs', task))
    bill(order: Order): Order {
      isOrder(order);
      return order;
    }
  }
  // Done is what is acknowledged, which is after its output is confirmed.
  const { prefetch = MANY_AT_ONCE } = task;
  const consumer = task.overlapping ? { ordering: 'key', concurrency: prefetch, prefetch } : {};
  return rounds(task, round, { components: [Processor], consumer }, countSettled(round, 'ack'));
}

/** Messages that break a rule never reach the handler. */
export async function deadLetter(task: Task): Promise<Workload> {
  const round = new Round();
  class Unreached {
    @Sink(channelOf('orders', task))
    take(): void {
      throw new Error('an invalid order was handled');
    }
  }
  return rounds(task, round, { components: [Unreached] }, countSettled(round, 'deadLetter'));
}

function countSettled(round: Round, wanted: 'ack' | 'deadLetter') {
  return (app: Application): void => {
    app.events.on('delivery', ({ outcome }) => round.add(outcome === wanted ? 1 : 0));
  };
}
