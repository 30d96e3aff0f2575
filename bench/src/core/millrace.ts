// The same work through Millrace and its memory binder: sent, carried, decoded, checked, handled, acknowledged.
import { type Application, type ChannelReference, Millrace, Sink, Source } from '@millrace/core';
import type { Workload } from '../measure/workload';
import { Order, orderOf } from '../orders/order';
import { Bills, Orders, OrdersUnchecked } from './channels';
import { Count } from './count';

const handled = new Count();

class AsyncSink {
  @Sink(Orders)
  async take(order: Order): Promise<void> {
    handled.add(order.quantity > 0 ? 1 : 0);
  }
}

class SyncSink {
  @Sink(Orders)
  take(order: Order): void {
    handled.add(order.quantity > 0 ? 1 : 0);
  }
}

class UncheckedSink {
  @Sink(OrdersUnchecked)
  async take(order: Order): Promise<void> {
    handled.add(order.quantity > 0 ? 1 : 0);
  }
}

class BatchSink {
  @Sink(Orders, { batch: { size: 100, wait: 5 } })
  async take(orders: Order[]): Promise<void> {
    handled.add(orders.length);
  }
}

class Processor {
  @Sink(Orders)
  @Source(Bills)
  async bill(order: Order): Promise<Order> {
    return order;
  }
}

export const asyncSink = (): Promise<Workload> => workload(AsyncSink, Orders, 1_000);
export const asyncSinkWindow100 = (): Promise<Workload> => workload(AsyncSink, Orders, 100);
export const syncSink = (): Promise<Workload> => workload(SyncSink, Orders, 1_000);
export const uncheckedSink = (): Promise<Workload> => workload(UncheckedSink, OrdersUnchecked, 1_000);
export const batchSink = (): Promise<Workload> => workload(BatchSink, Orders, 1_000);
export const processor = (): Promise<Workload> => workload(Processor, Orders, 1_000, countSettled);

type Component = new () => object;

async function workload(
  component: Component,
  channel: ChannelReference<Order>,
  window: number,
  watch?: (app: Application) => void,
): Promise<Workload> {
  const app = await Millrace.create({
    components: [component],
    config: { app: 'bench', binders: { local: { type: 'memory' } } },
    logger: false,
  });
  watch?.(app);
  await app.start();
  const orders = app.source(channel);
  return {
    run: async (messages) => {
      const done = handled.expect(messages);
      for (let sent = 0; sent < messages; sent += window) {
        const sends: Promise<void>[] = [];
        const end = Math.min(messages, sent + window);
        for (let index = sent; index < end; index += 1) sends.push(orders.send(orderOf(index)));
        await Promise.all(sends);
      }
      await done;
      return undefined;
    },
    close: () => app.stop(),
  };
}

/** A processor is done when its input is acknowledged, which is after its output is confirmed. */
function countSettled(app: Application): void {
  app.events.on('delivery', ({ outcome }) => handled.add(outcome === 'ack' ? 1 : 0));
}
