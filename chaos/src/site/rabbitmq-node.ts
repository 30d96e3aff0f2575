import { startProxy, startRabbitmq } from '@millrace/brokers';
import type { Actions } from '../faults/fault';
import { brokerFaults } from '../faults/network-faults';
import { rabbitmqFaults } from '../faults/rabbitmq-faults';

/** A RabbitMQ node behind a proxy. */
export interface RabbitmqNode {
  /** Through the proxy. */
  readonly url: string;
  /** Past it. */
  readonly directUrl: string;
  readonly actions: Actions;
  counts(): Promise<Readonly<Record<string, number>>>;
  stop(): Promise<void>;
}

export async function openRabbitmqNode(): Promise<RabbitmqNode> {
  const broker = await startRabbitmq();
  const proxy = await startProxy(broker.address);
  return {
    directUrl: broker.url,
    actions: { ...brokerFaults([broker], [proxy]), ...rabbitmqFaults(broker) },
    url: broker.url.replace(broker.address, proxy.address),
    counts: async () => {
      const overview = (await broker.management('GET', '/api/overview')) as {
        object_totals?: { connections?: number; channels?: number; queues?: number };
      };
      const { connections = 0, channels = 0, queues = 0 } = overview.object_totals ?? {};
      return { 'rabbitmq connections': connections, channels, queues };
    },
    stop: async () => {
      await proxy.close();
      await broker.stop();
    },
  };
}
