import { startKafkaCluster } from '@millrace/brokers';
import type { Actions } from '../faults/fault';
import { kafkaFaults } from '../faults/kafka-faults';
import { brokerFaults } from '../faults/network-faults';
import { destinations } from './site';

/** Kafka nodes, each behind a proxy. */
export interface KafkaNodes {
  /** Through the proxies; with commas between. */
  readonly addresses: string;
  /** Past them. */
  readonly direct: readonly string[];
  readonly actions: Actions;
  counts(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** One copy of everything: a node that is away takes its partitions and groups with it. */
const ALONE = { 'default.replication.factor': '1', 'offsets.topic.replication.factor': '1' };

/** Two, so that leaders and coordinators have somewhere to go. */
export async function openKafkaNodes(topics: readonly string[] = Object.values(destinations)): Promise<KafkaNodes> {
  const { nodes, brokers, stop } = await startKafkaCluster({ size: 2, proxied: true, properties: ALONE });
  const proxies = nodes.map(({ proxy }) => proxy);
  const direct = nodes.flatMap(({ directBrokers }) => directBrokers);
  return {
    addresses: brokers.join(),
    direct,
    actions: { ...brokerFaults(nodes, proxies), ...kafkaFaults(direct, topics) },
    counts: () => ({ 'kafka connections': proxies.reduce((sum, { connections }) => sum + connections, 0) }),
    stop,
  };
}
