/** At most `messages` in any span of `perMs` milliseconds, wherever it begins: it remembers when each of the last ones came. */
export class RateWindow {
  readonly #perMs: number;
  /** A ring of times; the oldest stands at `#next`. */
  readonly #times: Float64Array;
  #next = 0;

  constructor(messages: number, perMs: number) {
    this.#perMs = perMs;
    this.#times = new Float64Array(messages).fill(Number.NEGATIVE_INFINITY);
  }

  /** When so many have room: a time that may be past. @param count at most `messages` */
  readyAt(count: number): number {
    const { length } = this.#times;
    return (this.#times[(this.#next + count - 1) % length] as number) + this.#perMs;
  }

  take(count: number, now: number): void {
    for (let taken = 0; taken < count; taken += 1) {
      this.#times[this.#next] = now;
      this.#next = (this.#next + 1) % this.#times.length;
    }
  }
}
