const FIRST_PATIENCE_MS = 1_000;
const LONGEST_PATIENCE_MS = 60_000;

/**
 * Tells a channel that is of no use at the broker from a queue that is full. A channel of RabbitMQ 3.10 that is opened while the node
 * of a quorum queue's leader has just died goes on asking that node, and refuses everything; the next one asks the new leader. A
 * channel that was ever taken from is well. Where the next refuses too, it is the queue, and patience grows.
 */
export class RefusingChannel {
  #openedAt = 0;
  #hasTaken = false;
  #patienceMs = FIRST_PATIENCE_MS;

  opened(now: number): void {
    this.#openedAt = now;
    this.#hasTaken = false;
  }

  taken(): void {
    this.#hasTaken = true;
    this.#patienceMs = FIRST_PATIENCE_MS;
  }

  /** Whether another channel is worth a try. */
  refused(now: number): boolean {
    if (this.#hasTaken || now - this.#openedAt < this.#patienceMs) return false;
    this.#patienceMs = Math.min(2 * this.#patienceMs, LONGEST_PATIENCE_MS);
    return true;
  }
}
