const SMALLEST = 16;

/** First in, first out, at constant cost however long it gets; `Array.shift` moves every item of a long array. */
export class RingQueue<T> {
  private slots: (T | undefined)[] = new Array(SMALLEST);
  private head = 0;
  private length = 0;

  get size(): number {
    return this.length;
  }

  peek(): T | undefined {
    return this.slots[this.head];
  }

  push(item: T): void {
    if (this.length === this.slots.length) this.double();
    this.slots[(this.head + this.length) & (this.slots.length - 1)] = item;
    this.length += 1;
  }

  shift(): T | undefined {
    const item = this.slots[this.head];
    if (this.length === 0) return undefined;
    this.slots[this.head] = undefined;
    this.head = (this.head + 1) & (this.slots.length - 1);
    this.length -= 1;
    return item;
  }

  clear(): void {
    this.slots = new Array(SMALLEST);
    this.head = 0;
    this.length = 0;
  }

  /** The size stays a power of two, so that a mask finds the place. */
  private double(): void {
    const { slots, head } = this;
    this.slots = slots.slice(head).concat(slots.slice(0, head), new Array(slots.length));
    this.head = 0;
  }
}
