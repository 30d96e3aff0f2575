import { type Linked, LinkedQueue } from './linked-queue';

/** Work on one record, or on one batch. */
export interface Work extends Linked<Work> {
  /** When it began, or went on after it was interrupted; by `performance.now()`. */
  since: number;
  isInterrupted: boolean;
}

/** Knows what is being worked on, the oldest first. */
export class WorkWatch {
  readonly #works = new LinkedQueue<Work>();

  /** When the oldest began; `undefined` when there is none. */
  get since(): number | undefined {
    return this.#works.first?.since;
  }

  /** The work takes time. What is done at once need not be watched: nobody can look at it meanwhile. */
  watch(work: Work): void {
    if (!work.isInterrupted) this.#works.add(work);
  }

  end(work: Work): void {
    this.#works.remove(work);
  }

  /** Waits for something that is no work; the work begins anew afterwards. */
  async interrupted<T>(work: Work, wait: () => Promise<T>): Promise<T> {
    work.isInterrupted = true;
    this.#works.remove(work);
    try {
      return await wait();
    } finally {
      work.isInterrupted = false;
      work.since = performance.now();
      this.#works.add(work);
    }
  }
}
