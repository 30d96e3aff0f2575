import type { Cast, CastRequest } from '../cast/cast';
import type { Actions } from '../faults/fault';
import type { Letter } from '../judge/letter';
import type { FaultKind } from '../schedule/fault-kind';

/** Where a run takes place: brokers, members, and what can be done to them. */
export interface Site {
  readonly cast: Cast;
  /** By the place of the fault. */
  readonly actions: Readonly<Partial<Record<FaultKind['where'], Actions>>>;
  /** Reads the dead letters of every group back from the broker, past the binder. */
  letters(): Promise<readonly Letter[]>;
  /** What the broker has open now, such as connections. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Ends what is still there. */
  close(): Promise<void>;
}

/** What is known before there is a broker. */
export type SiteRequest = Omit<CastRequest, 'config' | 'environment'>;

/** Where the channels go, as the configurations have it. */
export const destinations = Object.freeze({ parcels: 'chaos.parcels', labels: 'chaos.labels' });

/** Groups, with the destination they read. */
export const groups: Readonly<Record<string, string>> = Object.freeze({
  processors: destinations.parcels,
  workers: destinations.labels,
  archivists: destinations.labels,
});
