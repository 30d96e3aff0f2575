/** Remembers how the calls of a binding came out. It outlives the openings of the binding. */
export class Vitals {
  /** Milliseconds since 1970. */
  #lastSuccess: number | undefined;
  #failures = 0;

  get lastSuccess(): Date | undefined {
    return this.#lastSuccess === undefined ? undefined : new Date(this.#lastSuccess);
  }

  get failures(): number {
    return this.#failures;
  }

  succeeded(): void {
    this.#lastSuccess = Date.now();
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
  }
}
