/** Bounds what is under way by number and bytes; who finds no room waits, in turn. */
export class Quota {
  readonly #records: number;
  readonly #bytes: number;
  readonly #waiting: { readonly size: number; readonly enter: () => void }[] = [];
  #usedRecords = 0;
  #usedBytes = 0;

  constructor(records: number, bytes: number) {
    this.#records = records;
    this.#bytes = bytes;
  }

  /** `undefined` when there is room at once. What is larger than all of it is taken when nothing else is under way. */
  take(size: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#fits(size)) {
      this.#use(size);
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push({ size, enter: resolve }));
  }

  release(size: number): void {
    this.#usedRecords -= 1;
    this.#usedBytes -= size;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.size); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#use(next.size);
      next.enter();
    }
  }

  #fits(size: number): boolean {
    if (this.#usedRecords === 0) return true;
    return this.#usedRecords < this.#records && this.#usedBytes + size <= this.#bytes;
  }

  #use(size: number): void {
    this.#usedRecords += 1;
    this.#usedBytes += size;
  }
}
