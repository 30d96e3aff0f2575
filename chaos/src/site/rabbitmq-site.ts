import { ProcessCast } from '../cast/process-cast';
import { processFaults } from '../faults/member-faults';
import { configFile } from './config-file';
import { rabbitmqLetters } from './rabbitmq-letters';
import { openRabbitmqNode } from './rabbitmq-node';
import { groups, type Site, type SiteRequest } from './site';

/** Everything over RabbitMQ. */
export async function openRabbitmqSite(request: SiteRequest): Promise<Site> {
  const rabbitmq = await openRabbitmqNode();
  const environment = { MILLRACE__BINDERS__RABBIT__URL: rabbitmq.url };
  const cast = new ProcessCast({ ...request, config: configFile('rabbitmq'), environment });
  return {
    cast,
    actions: { processes: processFaults(cast), rabbitmq: rabbitmq.actions },
    counts: () => rabbitmq.counts(),
    letters: () => rabbitmqLetters(rabbitmq.directUrl, Object.keys(groups)),
    close: async () => {
      cast.killAll();
      await rabbitmq.stop();
    },
  };
}
