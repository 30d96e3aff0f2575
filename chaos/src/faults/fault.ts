import type { Moment } from '../ledger/entry';
import type { FaultKind } from '../schedule/fault-kind';
import type { PlannedFault } from '../schedule/schedule';

/** A fault as it came about. */
export interface Fault {
  readonly number: number;
  readonly name: string;
  readonly target: string;
  readonly forSeconds: number;
  readonly beganAt: Moment;
  /** When what was in hand was lost: the beginning, but for a member that came and went it is when it was asked to go. */
  readonly hitAt: Moment;
  /** When its cause was gone: the port open, the member running, the bytes flowing. */
  readonly removedAt: Moment;
  /** The life of the member that it hit, where it hit one. */
  readonly life: number | undefined;
  /** Groups whose messages it can have held up. */
  readonly groups: readonly string[];
  /** Whether it can have held up what producers send. */
  readonly hitsProducers: boolean;
  readonly repeats: FaultKind['repeats'];
  /** How often it can make a client repeat one send. */
  readonly times: number;
  readonly isOutage: boolean;
  /** Why it could not be carried out as planned. */
  readonly problem?: string | undefined;
}

/**
 * Does to its target what the plan says, and resolves when its cause is gone. Calls `hit` when the target loses what it has in
 * hand, where that is not at once.
 */
export type Action = (fault: PlannedFault, hit: () => void) => Promise<void>;

/** Actions by the name of their fault. */
export type Actions = Readonly<Record<string, Action>>;
