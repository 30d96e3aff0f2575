/** Node.js counts milliseconds of a timer in 31 bits; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Does something again and again, with pauses between, until it is ended. */
export class RepeatedCheck {
  readonly #check: () => Promise<void>;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** @param check must not reject; 0 as the interval: never */
  constructor(check: () => Promise<void>, intervalMs: number) {
    this.#check = check;
    this.#intervalMs = Math.min(intervalMs, LONGEST_TIMER_MS);
  }

  begin(): void {
    if (this.#intervalMs === 0 || this.#isEnded) return;
    this.#timer = setTimeout(() => void this.#check().then(() => this.begin()), this.#intervalMs);
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
  }
}
