/** Milliseconds. */
const LONGEST_TURN_MS = 2;
/** A look at the clock costs a little. */
const RECORDS_BETWEEN_LOOKS = 16;

/**
 * How much of one turn of the event loop handing over may take. What handlers send and what is acknowledged leaves for the broker
 * when the turn is over: after a share, so that the broker works meanwhile, and not after all that came with one read.
 */
export class TurnShare {
  readonly #next: () => void;
  #handed = 0;
  /** By `performance.now()`. */
  #beganAt = 0;
  #isSpent = false;

  /** @param next goes on in the turn after one whose share was spent */
  constructor(next: () => void) {
    this.#next = next;
  }

  get isSpent(): boolean {
    return this.#isSpent;
  }

  /** To be called before each record. */
  take(): void {
    if (this.#handed === 0) {
      this.#beganAt = performance.now();
      setImmediate(this.#begin);
    }
    this.#handed += 1;
    if (this.#handed % RECORDS_BETWEEN_LOOKS === 0) this.#isSpent = performance.now() - this.#beganAt > LONGEST_TURN_MS;
  }

  readonly #begin = (): void => {
    const goesOn = this.#isSpent;
    this.#handed = 0;
    this.#isSpent = false;
    if (goesOn) this.#next();
  };
}
