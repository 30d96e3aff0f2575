import { ProcessCast } from '../cast/process-cast';
import { processFaults } from '../faults/member-faults';
import { configFile } from './config-file';
import { kafkaLetters } from './kafka-letters';
import { openKafkaNodes } from './kafka-nodes';
import { rabbitmqLetters } from './rabbitmq-letters';
import { openRabbitmqNode } from './rabbitmq-node';
import { destinations, type Site, type SiteRequest } from './site';

/** Parcels over Kafka, labels over RabbitMQ. */
export async function openMixedSite(request: SiteRequest): Promise<Site> {
  const kafka = await openKafkaNodes([destinations.parcels]);
  const rabbitmq = await openRabbitmqNode().catch(async (error: unknown) => {
    await kafka.stop();
    throw error;
  });
  const environment = {
    MILLRACE__BINDERS__KAFKA__BROKERS: kafka.addresses,
    MILLRACE__BINDERS__RABBIT__URL: rabbitmq.url,
  };
  const cast = new ProcessCast({ ...request, config: configFile('mixed'), environment });
  return {
    cast,
    actions: { processes: processFaults(cast), kafka: kafka.actions, rabbitmq: rabbitmq.actions },
    counts: async () => ({ ...kafka.counts(), ...(await rabbitmq.counts()) }),
    letters: async () => [
      ...(await kafkaLetters(kafka.direct, ['processors'])),
      ...(await rabbitmqLetters(rabbitmq.directUrl, ['workers', 'archivists'])),
    ],
    close: async () => {
      cast.killAll();
      await Promise.all([kafka.stop(), rabbitmq.stop()]);
    },
  };
}
