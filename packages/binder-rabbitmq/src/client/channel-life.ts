import type { Channel } from 'amqplib';

/** A channel that the broker closes says so by an 'error', which without a listener ends the process (traps 4 and 7). */
export function quieten(channel: Channel): void {
  channel.on('error', () => undefined);
  channel.on('handler-error', () => undefined);
}

/** Calls `closed` once, with the reason, unless {@link end} was called before. */
export class ChannelLife {
  readonly #channel: Channel;
  #reason: Error | undefined;
  #isEnded = false;

  constructor(channel: Channel, closed: (error: Error) => void) {
    this.#channel = channel;
    channel.on('error', (error) => {
      this.#reason ??= error;
    });
    channel.on('handler-error', (error) => {
      this.#reason ??= error;
    });
    channel.on('close', () => {
      if (this.#isEnded) return;
      this.#isEnded = true;
      closed(this.#reason ?? new Error('the channel has gone with its connection'));
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  async end(): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    // Throws where the connection is just going: then the channel goes with it.
    await this.#channel.close().catch(() => undefined);
  }
}
