/** Does something again and again, with pauses between, until it is ended. */
export class RepeatedCheck {
  readonly #check: () => Promise<void>;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  /** @param check must not reject; 0 as the interval: never */
  constructor(check: () => Promise<void>, intervalMs: number) {
    this.#check = check;
    this.#intervalMs = intervalMs;
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
