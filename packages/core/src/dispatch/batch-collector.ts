import type { InboundRecord, Settlement } from '../binder/record';
import { settlements } from '../binder/record';

/** A delivery that waits in a batch. */
export interface Collected {
  readonly record: InboundRecord;
  /** By `performance.now()`. */
  readonly receivedAt: number;
  settle(settlement: Settlement): void;
}

/**
 * Gathers open deliveries of one lane into batches: a batch is due when `size` have come, or `wait` after the first.
 * What is due is announced once; whoever handles it takes as many as there are, up to `size`.
 */
export class BatchCollector {
  readonly #size: number;
  readonly #waitMs: number;
  readonly #onDue: () => void;
  #collected: Collected[] = [];
  #announced = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(size: number, waitMs: number, onDue: () => void) {
    this.#size = size;
    this.#waitMs = waitMs;
    this.#onDue = onDue;
  }

  add(delivery: Collected): void {
    this.#collected.push(delivery);
    const unannounced = this.#collected.length - this.#announced;
    if (unannounced >= this.#size) this.#announce();
    else if (unannounced === 1 && this.#timer === undefined)
      this.#timer = setTimeout(() => this.#announce(), this.#waitMs);
  }

  /** The next batch, in the order of arrival; empty when another took it all. */
  take(): Collected[] {
    const batch = this.#collected.splice(0, this.#size);
    this.#announced = Math.max(0, this.#announced - batch.length);
    return batch;
  }

  /** Gives everything back. */
  end(): void {
    clearTimeout(this.#timer);
    for (const delivery of this.#collected.splice(0)) delivery.settle(settlements.requeue);
    this.#announced = 0;
  }

  #announce(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#announced = this.#collected.length;
    if (this.#collected.length > 0) this.#onDue();
  }
}
