import type { Departure } from '../cast/cast';
import type { Fault } from '../faults/fault';
import type { Told } from '../ledger/entry';
import type { Letter } from './letter';
import type { Story } from './story';

/** All that a judge goes by. */
export interface Evidence {
  readonly entries: readonly Told[];
  readonly stories: readonly Story[];
  readonly faults: readonly Fault[];
  readonly letters: readonly Letter[];
  readonly departures: readonly Departure[];
}

/** A group of consumers, and what may be expected of it. */
export interface GroupRule {
  readonly name: string;
  /** The group whose output it reads; `undefined`: what the producers send. */
  readonly after: string | undefined;
  /** How long its broker may not know yet what is done, in milliseconds: between two commits, or until an acknowledgement is in. */
  readonly uncommittedMs: number;
  /** Whether its broker is told of positions only, and never past a gap. */
  readonly isLog: boolean;
}

export interface Rules {
  readonly groups: readonly GroupRule[];
  /** From the request to end until the process has ended, at most. */
  readonly endSeconds: number;
  /** No process is ever larger. */
  readonly maxRssMb: number;
  /** What bytes a message has on the way into a group. */
  readonly bytesOf: (group: string, key: string, number: number) => Uint8Array;
}

export type Invariant =
  | 'nothing is lost'
  | 'the order of a key is kept'
  | 'a key keeps its partition'
  | 'only what was in flight comes twice'
  | 'a dead letter has its reason and its bytes'
  | 'memory is bounded'
  | 'a process ends by itself, in its time'
  | 'a send has an answer'
  | 'a broadcast is heard again'
  | 'faults are carried out';

/** An invariant that does not hold, and where. */
export interface Violation {
  readonly invariant: Invariant;
  readonly sentence: string;
  /** The message, where it is one. */
  readonly story?: Story | undefined;
}
