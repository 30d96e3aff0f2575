import type { BinderName } from '../schedule/fault-kind';
import { openKafkaSite } from './kafka-site';
import { openMemorySite } from './memory-site';
import type { Site, SiteRequest } from './site';

const sites: Readonly<Partial<Record<BinderName, (request: SiteRequest) => Promise<Site>>>> = {
  memory: openMemorySite,
  kafka: openKafkaSite,
};

/** Starts the brokers that a binder needs. */
export function openSite(binder: BinderName, request: SiteRequest): Promise<Site> {
  const open = sites[binder];
  if (open === undefined) throw new Error(`there is no site for ${binder} yet`);
  return open(request);
}
