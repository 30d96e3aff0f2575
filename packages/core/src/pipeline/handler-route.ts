import type { ChannelToken } from '../channel/channel';
import type { Message } from '../message/message';

/** What a route gives that leaves the choice among sinks to another thread, where none of them takes the message. */
export const notTaken = Symbol('no sink takes the message');

/** One sink of a consumer binding. */
export interface HandlerRoute {
  /** Who it is, for logs and errors: `Barista.brew`. */
  readonly owner: string;
  readonly channel: ChannelToken<unknown>;
  /** Whether the user's code is declared to be done when it returns. Absent where nothing is known of it. */
  readonly isSynchronous?: boolean;
  /** The sink's filter; absent where it takes every message of its class. May throw: that is a failure of the handler. */
  accepts?(message: Message<unknown>): boolean;
  /** By what an idempotent sink knows the message; absent where it is the message's own id. May throw or give anything. */
  messageId?(message: Message<unknown>): unknown;
  /** Resolves when it can be called; its time does not begin before. `undefined` or absent where it can at once. */
  ready?(): Promise<void> | undefined;
  /** Calls the user's code with one message, or with a batch of them. May throw or reject with anything. The signal is made by asking for it. Gives {@link notTaken} where no sink takes the message. */
  handle(input: Message<unknown> | Message<unknown>[], signal: () => AbortSignal): unknown;
  /** Sends what a processor returned; resolves when the broker has all of it, `undefined` where it is nothing. Absent where the result is ignored. */
  publish?(result: unknown, input: Message<unknown> | undefined): Promise<void> | undefined;
}
