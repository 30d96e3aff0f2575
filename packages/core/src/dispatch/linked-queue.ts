/** Something that can stand in one {@link LinkedQueue}, which alone sets these. */
export interface Linked<T> {
  before: T | undefined;
  after: T | undefined;
}

/**
 * In the order of their coming; anyone may leave from anywhere.
 *
 * A Set keeps the order, too. But it moves into a new table every few hundred comings and goings, and the old table goes on
 * pointing to the new one and to whoever stood in it then. Once one of them is in the old generation of the heap, so is
 * everything that comes after it, message by message, until the whole heap is collected: the scavenges of a processor took five
 * times as long. Whoever leaves here points to nobody.
 */
export class LinkedQueue<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  /** Those that are there now. */
  all(): T[] {
    const items: T[] = [];
    for (let item = this.#first; item !== undefined; item = item.after) items.push(item);
    return items;
  }

  /** To the end. */
  add(item: T): void {
    this.remove(item);
    item.before = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.after = item;
    this.#last = item;
  }

  /** Does nothing where it has left before, or never came. */
  remove(item: T): void {
    const { before, after } = item;
    if (before === undefined && this.#first !== item) return;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    item.before = undefined;
    item.after = undefined;
  }
}
