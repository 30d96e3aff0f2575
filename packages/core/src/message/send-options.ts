import type { MessageHeaders } from './headers';

export interface SendOptions {
  /** Added to the message's own headers. Reserved names are refused (`isReservedHeader`). */
  readonly headers?: MessageHeaders;
  /** Overrides the key of the channel. */
  readonly key?: string;
  /** Sends to this topic or exchange instead of the channel's own, through the same binder. */
  readonly destination?: string;
}
