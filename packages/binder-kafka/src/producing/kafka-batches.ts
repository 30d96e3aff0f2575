/** Something to be sent. */
export interface Waiting {
  readonly size: number;
  /** Nobody waits for it any more. */
  readonly isOver: boolean;
}

export interface BatchLimits {
  readonly records: number;
  readonly bytes: number;
  /** Milliseconds a batch waits for more; 0: the next turn of the event loop. */
  readonly linger: number;
}

/**
 * Puts what is sent close together into one request, and sends one request at a time: so the order is kept, also when a request
 * is repeated (trap 14), and what comes while one is out goes together with the next. 500 records a request beat 1,000.
 */
export class Batches<Item extends Waiting> {
  readonly #limits: () => BatchLimits;
  readonly #transmit: (batch: readonly Item[]) => Promise<void>;
  readonly #idleWaiters: (() => void)[] = [];
  #waiting: Item[] = [];
  #bytes = 0;
  #isBusy = false;
  #isDue = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: () => BatchLimits, transmit: (batch: readonly Item[]) => Promise<void>) {
    this.#limits = limits;
    this.#transmit = transmit;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    this.#bytes += item.size;
    this.#schedule();
  }

  /** Forgets those that are over. */
  sweep(): void {
    this.#waiting = this.#waiting.filter(({ isOver }) => !isOver);
    this.#bytes = this.#waiting.reduce((sum, { size }) => sum + size, 0);
    if (!this.#isBusy) this.#wakeIfIdle();
  }

  /** Resolves when nothing waits and nothing is out. */
  async idle(): Promise<void> {
    if (this.#isBusy || this.#waiting.length > 0) await new Promise<void>((done) => this.#idleWaiters.push(done));
  }

  #schedule(): void {
    if (this.#isBusy || this.#isDue || this.#waiting.length === 0) return;
    const { records, bytes, linger } = this.#limits();
    const isFull = this.#waiting.length >= records || this.#bytes >= bytes;
    if (linger > 0 && !isFull) {
      this.#timer ??= setTimeout(() => this.#send(), linger);
      return;
    }
    this.#isDue = true;
    // The callers of the last request send again in this turn, as a rule: they come along.
    setImmediate(() => this.#send());
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isDue = false;
    if (this.#isBusy || this.#waiting.length === 0) return;
    const batch = this.#next();
    this.#isBusy = true;
    void this.#transmit(batch).finally(() => {
      this.#isBusy = false;
      this.#wakeIfIdle();
      this.#schedule();
    });
  }

  #wakeIfIdle(): void {
    if (this.#waiting.length === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  /** At least one, however large. */
  #next(): Item[] {
    const limits = this.#limits();
    let count = 0;
    let bytes = 0;
    for (const { size } of this.#waiting) {
      if (count > 0 && (count >= limits.records || bytes + size > limits.bytes)) break;
      count += 1;
      bytes += size;
    }
    this.#bytes -= bytes;
    const batch = this.#waiting;
    this.#waiting = batch.splice(count);
    return batch;
  }
}
