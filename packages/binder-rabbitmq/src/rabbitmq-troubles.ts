/** What is wrong with the parts of one binding; the first trouble that is not over makes its health. */
export class RabbitmqTroubles {
  readonly #report: (trouble: Error | undefined) => void;
  readonly #troubles = new Map<object, Error>();

  constructor(report: (trouble: Error | undefined) => void) {
    this.#report = report;
  }

  /** Where one part tells its trouble, and the end of it (`undefined`). */
  part(): (trouble: Error | undefined) => void {
    const part = {};
    return (trouble) => {
      if (trouble !== undefined) this.#troubles.set(part, trouble);
      else if (!this.#troubles.delete(part)) return;
      const [first] = this.#troubles.values();
      this.#report(first);
    };
  }
}
