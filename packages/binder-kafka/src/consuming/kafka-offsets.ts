/** A record that was taken, from then to its end. */
export interface Tracked<T> {
  record: T;
  isFinished: boolean;
  /** Its end is decided, and waits to be committed together with what was sent for it. */
  isSettled: boolean;
}

/**
 * What has become of the records of one partition, in the order of their offsets. Only what is finished without a gap before it
 * may be committed: `committable` is the offset of the first record that is not finished.
 */
export class OffsetTracker<T extends { readonly offset: string }, E extends Tracked<T>> {
  readonly #newEntry: (record: T) => E;
  /** Fetched; those before the cursor were taken. */
  #records: readonly T[] = [];
  #cursor = 0;
  /** Taken; those before the head are finished. */
  #taken: E[] = [];
  #head = 0;
  #next: string | undefined;

  constructor(newEntry: (record: T) => E) {
    this.#newEntry = newEntry;
  }

  /** The position after all that was appended. */
  get next(): string | undefined {
    return this.#next;
  }

  /** Records not taken yet. */
  get waiting(): number {
    return this.#records.length - this.#cursor;
  }

  /** The position up to which everything is finished; `undefined` while nothing is known. */
  get committable(): string | undefined {
    return this.positionBehind(0);
  }

  /** `next` may lie behind the last record: control records and compaction make gaps. */
  append(records: readonly T[], next: string): void {
    this.#records = this.waiting === 0 ? records : [...this.#records.slice(this.#cursor), ...records];
    this.#cursor = 0;
    this.#next = next;
  }

  /** Taken since the first that is not finished, itself included. */
  get span(): number {
    return this.#taken.length - this.#head;
  }

  /** Of those taken the first that is not finished. */
  get first(): E | undefined {
    return this.#taken[this.#head];
  }

  /** From the first that is not finished on, those settled without a gap. */
  settled(): readonly E[] {
    let end = this.#head;
    while (this.#taken[end]?.isSettled) end += 1;
    return this.#taken.slice(this.#head, end);
  }

  /** The position behind so many of those taken, from the first that is not finished on. */
  positionBehind(count: number): string | undefined {
    return this.#taken[this.#head + count]?.record.offset ?? this.#records[this.#cursor]?.offset ?? this.#next;
  }

  take(): E | undefined {
    const record = this.#records[this.#cursor];
    if (record === undefined) return undefined;
    this.#cursor += 1;
    const entry = this.#newEntry(record);
    this.#taken.push(entry);
    return entry;
  }

  finish(entry: E): void {
    entry.isFinished = true;
    while (this.#taken[this.#head]?.isFinished) this.#head += 1;
    this.#forget();
  }

  /** Drops what is finished: at once where it is all there is, otherwise in large pieces, so that each is moved a bounded number of times. */
  #forget(): void {
    if (this.#head === 1 && this.#taken.length === 1) this.#taken.pop();
    else if (this.#head < 1_024 || this.#head * 2 < this.#taken.length) return;
    else this.#taken = this.#taken.slice(this.#head);
    this.#head = 0;
  }
}
