import type { Logger } from '@millrace/core/spi';
import type { Position } from '../kafka-port';
import type { KafkaWindow } from './kafka-window';

export interface CommitOptions {
  readonly binding: string;
  readonly interval: number;
  readonly count: number;
  readonly windows: () => Iterable<KafkaWindow>;
  readonly commit: (positions: readonly Position[]) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Commits by count and time, one request at a time, and never waited for by handling: Kafka takes about 5 ms for each, so who
 * commits every record by itself is held to two hundred a second.
 */
export class KafkaCommits {
  readonly #options: CommitOptions;
  #finished = 0;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: CommitOptions) {
    this.#options = options;
  }

  /** A record was finished. */
  finished(): void {
    this.#finished += 1;
    if (this.#finished === this.#options.count) void this.now();
    else this.#timer ??= setTimeout(() => void this.now(), this.#options.interval);
  }

  /** Commits what is finished by now. Never rejects: what could not be committed is part of the next commit. */
  async now(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#finished = 0;
    this.#running = this.#commit().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  async #commit(): Promise<void> {
    const moved: { readonly window: KafkaWindow; readonly position: Position }[] = [];
    for (const window of this.#options.windows()) {
      const offset = window.uncommitted;
      if (offset === undefined) continue;
      moved.push({ window, position: { topic: window.topic, partition: window.partition, offset } });
    }
    if (moved.length === 0) return;
    try {
      await this.#options.commit(moved.map(({ position }) => position));
      for (const { window, position } of moved) window.committed = position.offset;
    } catch (error) {
      const { binding, logger } = this.#options;
      // A rebalance or a lost connection; the records in question come again at worst.
      logger.debug({ binding, err: error }, 'positions could not be committed');
      this.#timer ??= setTimeout(() => void this.now(), this.#options.interval);
    }
  }
}
