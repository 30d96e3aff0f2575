import { finishedWithin } from '@millrace/core/spi';
import type { Channel } from 'amqplib';

const CLOSE_LIMIT_MS = 2_000;

/** A channel that the broker closes says so by an 'error', which without a listener ends the process (traps 4 and 7). */
export function quieten(channel: Channel): void {
  channel.on('error', () => undefined);
  channel.on('handler-error', () => undefined);
}

/** Calls `closed` once, with the reason, unless {@link end} was called before. Ends a channel on which something went past us. */
export class ChannelLife {
  readonly #channel: Channel;
  #reason: Error | undefined;
  #isEnded = false;

  /** @param lossOf why the connection is going, where it is */
  constructor(channel: Channel, lossOf: () => Error | undefined, closed: (error: Error) => void) {
    this.#channel = channel;
    channel.on('error', (error) => {
      this.#reason ??= error;
    });
    channel.on('handler-error', (error) => {
      // Nobody got what it was about, such as a message for a consumer that the broker had ended before: with its channel it goes
      // back. Others come along with it, and once is enough.
      if (this.#reason === undefined) void closeChannel(channel);
      this.#reason ??= error;
    });
    channel.on('close', () => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      closed(this.#reason ?? lossOf() ?? new Error('the channel has gone with its connection'));
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await closeChannel(this.#channel);
  }
}

/**
 * Resolves when the channel is gone, and soon in any case. The client rejects where it was gone before, and never answers where the
 * connection goes meanwhile or the broker is silent.
 */
export async function closeChannel(channel: Channel): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    channel.once('close', resolve);
  });
  await finishedWithin(Promise.race([channel.close(), gone]), CLOSE_LIMIT_MS);
}
