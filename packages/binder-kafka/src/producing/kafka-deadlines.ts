import { type Linked, LinkedQueue } from '@millrace/core/spi';

/** Something that is ended when it takes too long. */
export interface Due<T> extends Linked<T> {
  /** By `performance.now()`; set when it is added. */
  dueAt: number;
}

/** Ends what takes too long. All have the same time, so who came first is due first, and one timer is enough for all. */
export class Deadlines<T extends Due<T>> {
  readonly #ms: number;
  readonly #expired: (items: readonly T[]) => void;
  readonly #open = new LinkedQueue<T>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, expired: (items: readonly T[]) => void) {
    this.#ms = ms;
    this.#expired = expired;
  }

  add(item: T): void {
    item.dueAt = performance.now() + this.#ms;
    this.#open.add(item);
    this.#timer ??= setTimeout(() => this.#check(), this.#ms).unref();
  }

  remove(item: T): void {
    this.#open.remove(item);
  }

  /** All that are open, which are forgotten. */
  clear(): T[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#open.all();
    for (const item of items) this.#open.remove(item);
    return items;
  }

  #check(): void {
    this.#timer = undefined;
    const now = performance.now();
    const late: T[] = [];
    for (let item = this.#open.first; item !== undefined; item = this.#open.first) {
      if (item.dueAt > now) {
        this.#timer = setTimeout(() => this.#check(), item.dueAt - now).unref();
        break;
      }
      late.push(item);
      this.#open.remove(item);
    }
    if (late.length > 0) this.#expired(late);
  }
}
