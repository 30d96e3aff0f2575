// The same messages through more of everything: sinks, partitions, keys, threads. Each must cost what one costs.
import { cpus } from 'node:os';
import { type Application, type ChannelToken, channel, Millrace, Sink, type SinkOptions } from '@millrace/core';
import type { Workload } from '../measure/workload';
import { Order, orderOf } from '../orders/order';
import { Orders } from './channels';
import { Count } from './count';
import { AnsweredOrders, ComputingSink, OrdersForThreads, Roasted } from './worker-parts';

const WINDOW = 1_000;
const MANY_SINKS = 100;
const MANY_PARTITIONS = 64;
const MANY_KEYS = 10_000;
/** As many as somebody would have who waits for a database. */
const CONCURRENCY = 16;

const handled = new Count();

interface Scale {
  readonly sinks: number;
  readonly partitions: number;
  readonly keys: number;
  /** Some handlers wait for a turn of the event loop, so that lanes fill behind them. */
  readonly waits: boolean;
  readonly options: SinkOptions<Order> & { readonly batch?: undefined; readonly receive?: undefined };
}

const one: Scale = { sinks: 1, partitions: 4, keys: 10, waits: false, options: {} };
const byKey = { concurrency: CONCURRENCY, ordering: 'key' } as const;

export const oneSink = (): Promise<Workload> => scaled(one);
export const manySinks = (): Promise<Workload> => scaled({ ...one, sinks: MANY_SINKS });
export const onePartition = (): Promise<Workload> => scaled({ ...one, partitions: 1 });
export const manyPartitions = (): Promise<Workload> => scaled({ ...one, partitions: MANY_PARTITIONS, keys: 640 });
export const fewKeys = (): Promise<Workload> => scaled({ ...one, keys: 100, waits: true, options: byKey });
export const manyKeys = (): Promise<Workload> => scaled({ ...one, keys: MANY_KEYS, waits: true, options: byKey });

async function scaled({ sinks, partitions, keys, waits, options }: Scale): Promise<Workload> {
  const app = await Millrace.create({
    config: { app: 'bench', binders: { local: { type: 'memory', partitions } } },
    logger: false,
  });
  const channels = Array.from({ length: sinks }, (_, index) => channel(`orders.${index}`, Order));
  for (const each of channels) {
    await app.sink(each, options, async (order: Order) => {
      if (waits && order.quantity === 1) await new Promise((resolve) => setImmediate(resolve));
      handled.add(1);
    });
  }
  await app.start();
  const sources = channels.map((each) => app.source(each));
  return sending(app, handled, (index) =>
    (sources[index % sinks] as (typeof sources)[number]).send(orderOf(index), { key: `key ${index % keys}` }),
  );
}

class HereSink {
  @Sink(Orders)
  take(order: Order): void {
    handled.add(order.quantity > 0 ? 1 : 0);
  }
}

/** The handler of nothing, in the thread of the application and in another. */
export const inApplication = (): Promise<Workload> => settled(HereSink, Orders, false);
export const inThread = (): Promise<Workload> => settled(AnsweredOrders, OrdersForThreads, 1);
/** A handler that computes, the same way. */
export const computingInApplication = (): Promise<Workload> => settled(ComputingSink, Roasted, false);
export const computingInThreads = (): Promise<Workload> => settled(ComputingSink, Roasted, cpus().length);

async function settled(
  component: new () => object,
  to: ChannelToken<Order>,
  workers: number | false,
): Promise<Workload> {
  const count = new Count();
  const app = await Millrace.create({
    components: [component],
    workers: { module: require.resolve('./worker-parts') },
    config: {
      app: 'bench',
      binders: { local: { type: 'memory' } },
      bindings: {
        [to.name]: { consumer: { workers, ordering: 'none', ...(workers === false && { concurrency: 1 }) } },
      },
    },
    logger: false,
  });
  app.events.on('delivery', ({ outcome }) => count.add(outcome === 'ack' ? 1 : 0));
  await app.start();
  const orders = app.source(to);
  return sending(app, count, (index) => orders.send(orderOf(index)));
}

function sending(app: Application, count: Count, send: (index: number) => Promise<void>): Workload {
  return {
    run: async (messages) => {
      const done = count.expect(messages);
      for (let sent = 0; sent < messages; sent += WINDOW) {
        const sends: Promise<void>[] = [];
        for (let index = sent; index < Math.min(messages, sent + WINDOW); index += 1) sends.push(send(index));
        await Promise.all(sends);
      }
      await done;
      return undefined;
    },
    close: () => app.stop(),
  };
}
