/**
 * How long a member may go by what the group has said. The broker gives the partitions of a member to others when it has heard
 * nothing of it for the session timeout. The member is not told, and one that was cut off, or stood still, cannot be told: it has
 * to look at its own clock.
 */
export class KafkaLease {
  readonly #sessionTimeout: number;
  readonly #renewed: () => void;
  #until = Number.NEGATIVE_INFINITY;

  /** `renewed`: called when it was over and is not any more. */
  constructor(sessionTimeout: number, renewed: () => void) {
    this.#sessionTimeout = sessionTimeout;
    this.#renewed = renewed;
  }

  /** Whether others may have the partitions by now. */
  get isOver(): boolean {
    return performance.now() > this.#until;
  }

  /** The group has answered what was asked at that moment, by `performance.now()`. */
  renew(askedAt: number): void {
    const until = askedAt + this.#sessionTimeout;
    if (until <= this.#until) return;
    const wasOver = this.isOver;
    this.#until = until;
    if (wasOver && !this.isOver) this.#renewed();
  }
}
