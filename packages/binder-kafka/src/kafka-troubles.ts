/** Joins what the parts of one binding report: it is well when all of them are. */
export class KafkaTroubles {
  readonly #report: (trouble: Error | undefined) => void;
  /** By the part that has it. */
  readonly #open = new Map<object, Error>();

  constructor(report: (trouble: Error | undefined) => void) {
    this.#report = report;
  }

  /** A part's own voice. */
  reporter(): (trouble: Error | undefined) => void {
    const part = {};
    return (trouble) => {
      const wasWell = this.#open.size === 0;
      if (trouble === undefined) this.#open.delete(part);
      else this.#open.set(part, trouble);
      const [first] = this.#open.values();
      if (first !== undefined || !wasWell) this.#report(first);
    };
  }
}
