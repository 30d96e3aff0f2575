import { Sink } from '@millrace/core';
import type { Workload } from '../../measure/workload';
import { Order } from '../../orders/order';
import { Latencies } from '../latencies';
import { type Task, workload } from '../task';
import { applicationOf, channelOf, orderMaker } from './application';

export async function latency(task: Task): Promise<Workload> {
  const latencies = new Latencies();
  const channel = channelOf('orders', task);
  class LatencySink {
    @Sink(channel)
    take(order: Order): void {
      latencies.handled(order);
    }
  }
  const app = await applicationOf(task, { components: [LatencySink] });
  await app.start();
  const make = orderMaker(task);
  const orders = app.source(channel);
  return workload(
    (messages) => latencies.measure(messages, (index) => orders.send(make(index))),
    () => app.stop(),
  );
}
