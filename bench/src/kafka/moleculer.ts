// @moleculer/channels over Kafka. It commits each message by itself and waits for that.
import { Middleware as ChannelsMiddleware } from '@moleculer/channels';
import { type Middleware, ServiceBroker } from 'moleculer';
import { withCallers } from '../broker/callers';
import { Handled, isOrder } from '../broker/handled';
import { type ContenderWorkloads, type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import { noteFor, type OrderFields, plainOrder } from '../orders/order-fields';

export const workloads: ContenderWorkloads = { produce, consume };

type ChannelsBroker = ServiceBroker & { sendToChannel(channel: string, payload: object): Promise<unknown> };

async function produce(task: Task): Promise<Workload> {
  const broker = brokerOf(task);
  await broker.start();
  const note = noteFor(task.bytes);
  return workload(
    (messages) =>
      withCallers(task.callers, messages, (index) => broker.sendToChannel(task.destination, plainOrder(index, note))),
    () => broker.stop(),
  );
}

async function consume(task: Task): Promise<Workload> {
  let round = 0;
  return workload(async (messages, clock) => {
    round += 1;
    const handled = new Handled(messages, clock);
    const broker = brokerOf(task);
    broker.createService({
      name: 'orders',
      channels: {
        [task.destination]: {
          group: `${task.unique}-${round}`,
          kafka: { fromBeginning: true, partitionsConsumedConcurrently: task.partitions },
          handler: (order: OrderFields) => handled.add(isOrder(order) ? 1 : 0),
        },
      },
    } as Parameters<ServiceBroker['createService']>[0]);
    await broker.start();
    await handled.all;
    await broker.stop();
  });
}

/** Its types want options that have defaults. */
function brokerOf({ address }: Task): ChannelsBroker {
  const adapter = { type: 'Kafka', options: { kafka: { brokers: [address] } } };
  const channels: unknown = ChannelsMiddleware({ adapter } as unknown as Parameters<typeof ChannelsMiddleware>[0]);
  return new ServiceBroker({ logger: false, middlewares: [channels as Middleware] }) as ChannelsBroker;
}
