import type { Moment } from '../ledger/entry';

/** How a life of a member ended. */
export interface Departure {
  readonly member: string;
  readonly life: number;
  readonly at: Moment;
  /** `killed`: it had no say. `drained`: it was asked to. `alone`: nobody asked. */
  readonly how: 'killed' | 'drained' | 'alone';
  /** From the request to the end. */
  readonly seconds: number;
  /** Exit code or signal; 0 is well. */
  readonly code: number | string;
  /** It had not ended in its time, and was killed. */
  readonly isForced: boolean;
}

/** Everybody who takes part in a run. */
export interface Cast {
  /** Begins the next life of a member; resolves when its application runs. */
  start(member: string): Promise<void>;
  /** Ends it as hard as the place allows. */
  kill(member: string): Promise<void>;
  /** Asks it to end, and resolves when it has. */
  drain(member: string): Promise<void>;
  /** When all members have ended: ends what they lived in. */
  end(): Promise<void>;
  /** The life it is in; 0 before the first. */
  lifeOf(member: string): number;
  /** Who is there now. */
  readonly present: readonly string[];
  readonly departures: readonly Departure[];
}

/** What members are told at every start. */
export interface CastRequest {
  /** Ledgers and logs. */
  readonly folder: string;
  /** Path of the configuration. */
  readonly config: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Parcels a second, of all producers together. */
  readonly perSecond: number;
  readonly keys: number;
  readonly sampleMs: number;
  readonly nodeOptions: readonly string[];
  /** How long a member may take to end when it is asked to. */
  readonly deadlineMs: number;
}
