import type { BindingState, BrakeState } from './events';

/**
 * | status | means |
 * |---|---|
 * | `up` | it does what it should |
 * | `degraded` | it waits for something outside, and goes on by itself: a brake is on |
 * | `down` | it does not move, or cannot: somebody should look |
 */
export type HealthStatus = 'up' | 'degraded' | 'down';

/** The health of an application: the worst of its bindings and binders; `down` also while it does not run. */
export interface Health {
  readonly status: HealthStatus;
  readonly bindings: readonly BindingHealth[];
  readonly binders: readonly BinderHealth[];
}

export interface BinderHealth {
  /** Name of the binder in the configuration. */
  readonly name: string;
  /** As the binder says; where it says nothing, whether it has been opened and none of its bindings is in trouble. */
  readonly connected: boolean;
}

export interface BindingHealth {
  readonly name: string;
  readonly direction: 'producer' | 'consumer';
  /** Name of its binder. */
  readonly binder: string;
  readonly status: HealthStatus;
  /** Why it is not `up`, a sentence each. */
  readonly reasons: readonly string[];
  readonly state: BindingState;
  /** What is wrong with it just now: a lost connection, a dead letter that cannot be written. */
  readonly trouble: string | undefined;
  readonly brake: BrakeState;
  /** When a handler last succeeded, or a send was last confirmed; `undefined` where none has been. */
  readonly lastSuccess: Date | undefined;
  /** Failed calls of the handler, or refused sends, since then. `Reject` and `RetryLater` are verdicts on a message, and do not count. */
  readonly consecutiveFailures: number;
  /** Messages in hand, running and waiting; or sends that are not confirmed. */
  readonly open: number;
  /** Records of the group that are not finished, by the broker's last word; `undefined` where the binder does not know. */
  readonly lag: number | undefined;
  /** The worker threads of a consumer binding; `undefined` where its handlers run in the thread of the application. */
  readonly workers: WorkersHealth | undefined;
  /** Alive but not moving: a message has been worked on for longer than `health.stalledAfter`, sends are open and none gets through, or the client is silent. */
  readonly stalled: boolean;
  /** The broker takes or gives nothing at present, as with a memory alarm. */
  readonly blocked: boolean;
}

export interface WorkersHealth {
  /** Threads that it should have. */
  readonly threads: number;
  /** Threads that are set up and can be given messages. */
  readonly running: number;
  /** Threads that have ended since it was opened, and were not told to. */
  readonly lost: number;
}

/** The worst of them; `up` when there are none. */
export function worst(statuses: readonly HealthStatus[]): HealthStatus {
  if (statuses.includes('down')) return 'down';
  return statuses.includes('degraded') ? 'degraded' : 'up';
}
