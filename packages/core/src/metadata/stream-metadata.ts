import type { Message } from '../message/message';
import type { ConsumerOptions } from '../options/consumer-options';
import type { Duration } from '../time/duration';

export interface SinkOptions<T = unknown> extends Omit<ConsumerOptions, 'batch'> {
  /** Consumers of one group share the messages. Default: the name of the application. */
  readonly group?: string;
  /** Every running instance gets every message sent while it runs; nothing is kept. Default `false`. */
  readonly broadcast?: boolean;
  /** What the method takes first: the payload, then the message; or the message alone. Default `payload`. */
  readonly receive?: 'payload' | 'message';
  /** Takes lists, of `size` messages at most; `true` for the defaults. Default: one message at a time. */
  readonly batch?: ConsumerOptions['batch'] | true;
  /**
   * A filter. Among the sinks of a class in one group, the first whose filter accepts gets the message; a sink without a
   * filter accepts all. A message that none accepts is acknowledged and counted.
   */
  readonly when?: (payload: T, message: Message<T>) => boolean;
  /**
   * For `idempotent`: by what the message is known, such as the number of an order. Default: the message's own id, which all
   * that Millrace sends has.
   */
  readonly messageId?: (payload: T, message: Message<T>) => string | number | bigint;
}

/** When a polled source is called. One of `every` and `cron`. */
export interface PollOptions {
  /** Wait between the end of one poll and the next. */
  readonly every?: Duration;
  /** Cron expression with five fields, or six with seconds first. */
  readonly cron?: string;
  /** Wait before the first poll. Default: `every`. */
  readonly initialDelay?: Duration;
  /** Calls in one poll, ended early by a call that returns nothing. Default 1. */
  readonly maxPerPoll?: number;
}

/** What `@Sink` wrote. The reference is checked at start, where all faults are told at once. */
export interface SinkDefinition {
  readonly method: string | symbol;
  readonly channel: unknown;
  readonly options: SinkOptions<never>;
  readonly isStatic: boolean;
}

/** What `@Source` wrote, by where it stood. */
export type SourceDefinition =
  | { readonly place: 'parameter'; readonly channel: unknown; readonly index: number }
  | {
      readonly place: 'property';
      readonly channel: unknown;
      readonly property: string | symbol;
      readonly isStatic: boolean;
    }
  | {
      readonly place: 'method';
      readonly channel: unknown;
      readonly method: string | symbol;
      readonly isStatic: boolean;
      readonly poll: PollOptions | undefined;
    };
