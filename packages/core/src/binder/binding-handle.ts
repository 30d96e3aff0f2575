import type { ClassCoding } from '../observe/class-coding';
import type { BindingState, BrakeState } from '../observe/events';
import type { BindingHealth } from '../observe/health';

/** One channel joined to one destination, as an application sees and steers it. */
export interface BindingHandle {
  /** `orders` for a producer, `orders/baristas` for a consumer of the group, `orders/*` for a broadcast consumer. */
  readonly name: string;
  readonly direction: 'producer' | 'consumer';
  readonly destinations: readonly string[];
  readonly group: string | undefined;
  /** Name of the binder in the configuration. */
  readonly binder: string;
  /** How the classes of its payloads are read and written. Empty where it carries text, bytes or what a schema describes. */
  readonly classes: readonly ClassCoding[];
  readonly state: BindingState;
  /** What is wrong with it just now, if anything: a lost connection, a dead letter that cannot be written. */
  readonly trouble: Error | undefined;
  /** What the brake for outages does; `off` for producers. While it is `open` the state is `paused`. */
  readonly brake: BrakeState;
  /** How it is doing, as data. Never throws, and asks nobody outside the process. */
  health(): BindingHealth;
  /** @throws MillraceError BINDER_FAILED */
  start(): Promise<void>;
  /** Drains: intake ends, what runs finishes or goes back at the deadline. Any number of calls at any time is fine. */
  stop(options?: StopOptions): Promise<void>;
  /** Takes no further message until {@link resume}; what runs goes on. Consumers only. */
  pause(): Promise<void>;
  /** Also lets an open brake try one message at once. */
  resume(): Promise<void>;
}

export interface StopOptions {
  /** Milliseconds that running handlers get before their signal fires. Default: `drainTimeout` of the configuration. */
  readonly deadlineMs?: number;
}
