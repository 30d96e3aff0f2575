import type { BinderName } from '../schedule/fault-kind';
import { openKafkaSite } from './kafka-site';
import { openMemorySite } from './memory-site';
import { openMixedSite } from './mixed-site';
import { openRabbitmqSite } from './rabbitmq-site';
import type { Site, SiteRequest } from './site';

const sites: Readonly<Record<BinderName, (request: SiteRequest) => Promise<Site>>> = {
  memory: openMemorySite,
  kafka: openKafkaSite,
  rabbitmq: openRabbitmqSite,
  mixed: openMixedSite,
};

/** Starts the brokers that a binder needs. */
export function openSite(binder: BinderName, request: SiteRequest): Promise<Site> {
  return sites[binder](request);
}
