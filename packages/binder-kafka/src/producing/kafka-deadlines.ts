/** Ends what takes too long. All have the same time, so who came first is due first, and one timer is enough for all. */
export class Deadlines<T> {
  readonly #ms: number;
  readonly #expired: (items: readonly T[]) => void;
  /** In the order of their coming, with the moment they are due. */
  readonly #open = new Map<T, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, expired: (items: readonly T[]) => void) {
    this.#ms = ms;
    this.#expired = expired;
  }

  add(item: T): void {
    this.#open.set(item, performance.now() + this.#ms);
    this.#timer ??= setTimeout(() => this.#check(), this.#ms).unref();
  }

  remove(item: T): void {
    this.#open.delete(item);
  }

  /** All that are open, which are forgotten. */
  clear(): T[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = [...this.#open.keys()];
    this.#open.clear();
    return items;
  }

  #check(): void {
    this.#timer = undefined;
    const now = performance.now();
    const late: T[] = [];
    for (const [item, due] of this.#open) {
      if (due > now) {
        this.#timer = setTimeout(() => this.#check(), due - now).unref();
        break;
      }
      late.push(item);
      this.#open.delete(item);
    }
    if (late.length > 0) this.#expired(late);
  }
}
