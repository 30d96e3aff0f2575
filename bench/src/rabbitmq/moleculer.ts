// @moleculer/channels over RabbitMQ. It does not wait for confirmations, so its sending is not measured.
import { Adapters, Middleware as ChannelsMiddleware } from '@moleculer/channels';
import { type Middleware, ServiceBroker } from 'moleculer';
import { Handled, isOrder } from '../broker/handled';
import { type ContenderWorkloads, type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import type { OrderFields } from '../orders/order-fields';
import { GROUP, queueArguments, queueOf } from './queues';

export const workloads: ContenderWorkloads = { consume };

async function consume(task: Task): Promise<Workload> {
  return workload(async (messages, clock) => {
    const handled = new Handled(messages, clock);
    const broker = brokerOf(task);
    broker.createService({
      name: 'orders',
      channels: {
        // Its queues are called group.channel: so that is the one that was filled.
        [GROUP]: {
          group: task.destination,
          handler: (order: OrderFields) => handled.add(isOrder(order) ? 1 : 0),
        },
      },
    } as Parameters<ServiceBroker['createService']>[0]);
    await broker.start();
    await handled.all;
    await broker.stop();
  });
}

function brokerOf({ address, destination, prefetch }: Task): ServiceBroker {
  const queueOptions = { durable: true, arguments: queueArguments(queueOf(destination)) };
  const amqp = { url: address, queueOptions, exchangeOptions: { durable: true } };
  const adapter = new Adapters.AMQP({ maxInFlight: prefetch, amqp });
  // It looks for the version in a file of amqplib that amqplib 2 lets nobody import.
  Object.assign(adapter, { checkClientLibVersion: () => true });
  const channels: unknown = ChannelsMiddleware({ adapter } as unknown as Parameters<typeof ChannelsMiddleware>[0]);
  return new ServiceBroker({ logger: false, middlewares: [channels as Middleware] });
}
