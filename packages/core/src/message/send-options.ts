import type { MessageHeaders } from './headers';

export interface SendOptions {
  /** Added to the message's own headers. Reserved names are refused (`isReservedHeader`). */
  readonly headers?: MessageHeaders;
  /**
   * Id of the message, instead of a random one: whoever sends the same message again, because nothing is known of the first
   * time, gives it the same id, so that idempotent sinks see it once. 1 to 255 bytes.
   */
  readonly id?: string;
  /** Overrides the key of the channel. */
  readonly key?: string;
  /** Sends to this topic or exchange instead of the channel's own, through the same binder. */
  readonly destination?: string;
}
