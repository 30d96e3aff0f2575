/** Dropped items are cut off when they are more than those left, and at least so many. */
const LEAST_CUT = 1_024;

/** First in, first out, at a constant price for each; an array's `shift` pays for its whole length. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item at this place, 0 for the first. */
  at(place: number): T | undefined {
    return this.#items[this.#head + place];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) this.#restart([]);
    else if (this.#head >= LEAST_CUT && this.#head * 2 > this.#items.length)
      this.#restart(this.#items.slice(this.#head));
    return item;
  }

  /** Puts these before all others, in their order. */
  putFirst(items: readonly T[]): void {
    if (items.length > 0) this.#restart([...items, ...this.#items.slice(this.#head)]);
  }

  /** Takes everything out. */
  drain(): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#restart([]);
    return items;
  }

  #restart(items: (T | undefined)[]): void {
    this.#items = items;
    this.#head = 0;
  }
}
