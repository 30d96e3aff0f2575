import { startKafka } from '@millrace/brokers';
import { ProcessCast } from '../cast/process-cast';
import { kafkaFaults } from '../faults/kafka-faults';
import { processFaults } from '../faults/member-faults';
import { brokerFaults } from '../faults/network-faults';
import { configFile } from './config-file';
import { kafkaLetters } from './kafka-letters';
import { destinations, type Site, type SiteRequest } from './site';

/** Two Kafka nodes, so that leaders and coordinators have somewhere to go, each behind a proxy. */
export async function openKafkaSite(request: SiteRequest): Promise<Site> {
  const first = await startKafka({ proxied: true });
  const second = await startKafka({ proxied: true, joins: first });
  const nodes = [first, second];
  const cast = new ProcessCast({
    ...request,
    config: configFile('kafka'),
    environment: { MILLRACE__BINDERS__KAFKA__BROKERS: nodes.flatMap(({ brokers }) => brokers).join() },
  });
  const direct = nodes.flatMap(({ directBrokers }) => directBrokers);
  const proxies = nodes.map(({ proxy }) => proxy);
  return {
    cast,
    actions: {
      ...processFaults(cast),
      ...brokerFaults(nodes, proxies),
      ...kafkaFaults(direct, Object.values(destinations)),
    },
    counts: async () => ({ connections: proxies.reduce((sum, { connections }) => sum + connections, 0) }),
    letters: () => kafkaLetters(direct),
    close: async () => {
      cast.killAll();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
