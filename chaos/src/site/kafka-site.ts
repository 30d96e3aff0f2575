import { ProcessCast } from '../cast/process-cast';
import { processFaults } from '../faults/member-faults';
import { configFile } from './config-file';
import { kafkaLetters } from './kafka-letters';
import { openKafkaNodes } from './kafka-nodes';
import { groups, type Site, type SiteRequest } from './site';

/** Everything over Kafka. */
export async function openKafkaSite(request: SiteRequest): Promise<Site> {
  const kafka = await openKafkaNodes();
  const environment = { MILLRACE__BINDERS__KAFKA__BROKERS: kafka.addresses };
  const cast = new ProcessCast({ ...request, config: configFile('kafka'), environment });
  return {
    cast,
    actions: { processes: processFaults(cast), kafka: kafka.actions },
    counts: async () => kafka.counts(),
    letters: () => kafkaLetters(kafka.direct, Object.keys(groups)),
    close: async () => {
      cast.killAll();
      await kafka.stop();
    },
  };
}
