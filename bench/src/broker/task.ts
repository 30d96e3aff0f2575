import type { Clock, OwnMeasures, Workload } from '../measure/workload';
import type { Contender } from '../report/contenders';

/** What a contender's process is told; JSON. */
export interface Task {
  readonly broker: 'kafka' | 'rabbitmq';
  readonly contender: Contender;
  /** `host:port`, or a URL. */
  readonly address: string;
  /** Where messages come from or go to. Work with many bindings adds `-0`, `-1` … to it. */
  readonly destination: string;
  /** Where those of a processor go to. */
  readonly output: string;
  /** Callers that send at once, each awaiting its own acknowledgement. */
  readonly callers: number;
  readonly partitions: number;
  /** Of JSON. */
  readonly bytes: number;
  /** Message types on the destination, each with a handler of its own. */
  readonly handlers: number;
  readonly asyncHandler: boolean;
  /** Where the clock begins: with the first message that is done, or when messages may come (after joining a group). */
  readonly clockFrom: 'firstDone' | 'joined';
  /** Whether contenders that can validate what they receive do so. */
  readonly validated: boolean;
  /** Whether messages of a raw client have the headers that Millrace writes: ids, origin, time. */
  readonly alike: boolean;
  /** Messages a consumer may have in hand; each contender's own default where it is not given. */
  readonly prefetch?: number;
  /** The group of every round, where a message is read once. Without it each round is a new group, and reads from the beginning. */
  readonly group?: string;
  /** Whether a record may be handled before the outputs of the one before it are confirmed, as long as their keys differ. */
  readonly overlapping: boolean;
  /** Whether the messages break a rule. */
  readonly invalid: boolean;
  /** A name that no other process of the run has. */
  readonly unique: string;
}

export type WorkKind =
  | 'produce'
  | 'consume'
  | 'process'
  | 'batch'
  | 'latency'
  | 'deadLetter'
  | 'firstMessage'
  | 'idle'
  | 'bindings';

/** One way of using a broker: what its module exports as `workloads`. */
export type ContenderWorkloads = { readonly [K in WorkKind]?: (task: Task) => Promise<Workload> };

/** A workload out of functions. */
export function workload(
  run: (messages: number, clock: Clock) => Promise<OwnMeasures> | Promise<void>,
  close: () => Promise<unknown> = async () => undefined,
): Workload {
  return {
    run: async (messages, clock) => (await run(messages, clock)) ?? undefined,
    close: async () => {
      await close();
    },
  };
}

/** In the header that tells the types of messages on one destination apart. */
export function typeName(index: number): string {
  return `order-${index}`;
}

export const TYPE_HEADER = 'millrace_type';
