/** A priority queue: the smallest item comes first. Adding and taking cost log n. */
export class MinHeap<T> {
  private items: T[] = [];

  constructor(private readonly rank: (item: T) => number) {}

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    const { items, rank } = this;
    let hole = items.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = items[parent] as T;
      if (rank(above) <= rank(item)) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }

  pop(): T | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (this.items.length > 0) this.sink(last as T);
    return first;
  }

  /** Keeps only the items that pass the test. */
  retain(wanted: (item: T) => boolean): void {
    const kept = this.items.filter(wanted);
    this.items = [];
    for (const item of kept) this.push(item);
  }

  clear(): void {
    this.items = [];
  }

  /** Puts an item in at the top and lets it find its place. */
  private sink(item: T): void {
    const { items, rank } = this;
    const size = items.length;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && rank(items[child + 1] as T) < rank(items[child] as T)) child += 1;
      if (rank(items[child] as T) >= rank(item)) break;
      items[hole] = items[child] as T;
      hole = child;
    }
    items[hole] = item;
  }
}
