import type { Logger } from '../observe/logger';

/**
 * Remembers which messages a consumer has handled, so that a message which is delivered again has no second effect. An
 * idempotent sink asks it before each call. Core has one in memory; `@millrace/inbox-postgres` keeps the mark in the
 * handler's own transaction.
 */
// #region contract
export interface Inbox {
  /** Makes ready what it needs. Called before the first message, and again after a failure or a {@link close}. */
  open(context: InboxContext): Promise<void>;
  /**
   * Does the work, unless the message has been handled within its window. Mark, kept outputs and what the work does in the
   * inbox's transaction take effect together or not at all: when the work fails there is no mark, and the next attempt does
   * it. Of two at once for one message, one waits for the other, or one of them is undone.
   *
   * @param work resolves with outputs to be kept beside the mark until {@link sent}
   * @param signal fires when nobody waits any more: the work is given up, and must never take effect afterwards
   * @throws what the work throws, or what is wrong with the inbox
   */
  once(entry: InboxEntry, work: () => Promise<string | undefined>, signal: AbortSignal): Promise<InboxAnswer>;
  /** The kept outputs of the message are with the broker, and may be forgotten. */
  sent(entry: InboxEntry): Promise<void>;
  /** Ends timers and connections of its own. */
  close(): Promise<void>;
}

export interface InboxEntry {
  /** Who handles: the binding, channel and group, as in `orders/baristas`. The same message to another one is another entry. */
  readonly consumer: string;
  /** At most 200 characters, without NUL. */
  readonly messageId: string;
  /** Milliseconds for which the mark is kept at least. A message that comes again after that may be handled again. */
  readonly windowMs: number;
}

export interface InboxAnswer {
  /** It was handled before: the work was not done now. */
  readonly isDuplicate: boolean;
  /** Outputs that are not known to be sent. */
  readonly outputs: string | undefined;
}

export interface InboxContext {
  /** Name of the application. */
  readonly app: string;
  readonly logger: Logger;
}
// #endregion contract
