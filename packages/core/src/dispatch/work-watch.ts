/** Work on one record, or on one batch. */
export interface Work {
  /** When it began, or went on after it was interrupted; by `performance.now()`. */
  since: number;
}

/** Knows what is being worked on, the oldest first. */
export class WorkWatch {
  readonly #works = new Set<Work>();

  /** When the oldest began; `undefined` when there is none. */
  get since(): number | undefined {
    for (const { since } of this.#works) return since;
    return undefined;
  }

  begin(): Work {
    const work = { since: performance.now() };
    this.#works.add(work);
    return work;
  }

  end(work: Work): void {
    this.#works.delete(work);
  }

  /** Waits for something that is no work; the work begins anew afterwards. */
  async interrupted<T>(work: Work, wait: () => Promise<T>): Promise<T> {
    this.#works.delete(work);
    try {
      return await wait();
    } finally {
      work.since = performance.now();
      this.#works.add(work);
    }
  }
}
