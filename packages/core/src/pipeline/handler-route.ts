import type { ChannelToken } from '../channel/channel';
import type { Message } from '../message/message';

/** One handler of a consumer binding. */
export interface HandlerRoute {
  /** Who it is, for logs and errors: `Barista.brew`. */
  readonly owner: string;
  readonly channel: ChannelToken<unknown>;
  /** Calls the user's code. May throw or reject with anything. */
  handle(message: Message<unknown>, signal: AbortSignal): unknown;
  /** Sends what a processor returned; resolves when the broker has all of it. Absent where the result is ignored. */
  publish?(result: unknown, input: Message<unknown>): Promise<void>;
}
