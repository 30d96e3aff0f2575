import { MemoryCast } from '../cast/memory-cast';
import type { Action } from '../faults/fault';
import { comingAndGoing } from '../faults/member-faults';
import { type TroubleName, troubleNames } from '../faults/troubled-binder';
import { configFile } from './config-file';
import type { Site, SiteRequest } from './site';

/** One process. There is no network and no broker process to harm; the way between core and binder can be. */
export async function openMemorySite(request: SiteRequest): Promise<Site> {
  const cast = new MemoryCast({ ...request, config: configFile('memory'), environment: {} });
  const trouble =
    (name: TroubleName): Action =>
    ({ forSeconds }) =>
      cast.call('trouble', name, forSeconds * 1_000);
  return {
    cast,
    actions: {
      memory: {
        ...comingAndGoing(cast, 'halted'),
        ...Object.fromEntries(troubleNames.map((name) => [name, trouble(name)])),
      },
    },
    letters: async () =>
      (await cast.call('letters')).map(({ body, ...reason }) => ({
        ...reason,
        body: body === null ? null : Buffer.from(body, 'base64'),
      })),
    counts: async () => ({}),
    close: () => cast.close(),
  };
}
