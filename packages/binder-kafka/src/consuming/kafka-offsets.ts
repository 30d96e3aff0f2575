/** A record in its place, from the fetch to its end. */
export interface Tracked<T> {
  readonly record: T;
  isFinished: boolean;
  /** Its end is decided, and waits to be committed together with what was sent for it. */
  isSettled: boolean;
}

/**
 * What has become of the records of one partition, in the order of their offsets. Only what is finished without a gap before it
 * may be committed: `committable` is the offset of the first record that is not finished.
 */
export class OffsetTracker<T extends { readonly offset: string }> {
  #entries: Tracked<T>[] = [];
  /** The first that is not finished, and the first that was not taken. */
  #head = 0;
  #cursor = 0;
  #next: string | undefined;

  /** The position after all that was appended. */
  get next(): string | undefined {
    return this.#next;
  }

  /** Records not taken yet. */
  get waiting(): number {
    return this.#entries.length - this.#cursor;
  }

  /** The position up to which everything is finished; `undefined` while nothing is known. */
  get committable(): string | undefined {
    return this.#entries[this.#head]?.record.offset ?? this.#next;
  }

  /** `next` may lie behind the last record: control records and compaction make gaps. */
  append(records: readonly T[], next: string): void {
    for (const record of records) this.#entries.push({ record, isFinished: false, isSettled: false });
    this.#next = next;
  }

  /** The first that is not finished. */
  get first(): Tracked<T> | undefined {
    return this.#entries[this.#head];
  }

  /** From the first that is not finished on, those settled without a gap. */
  settled(): readonly Tracked<T>[] {
    let end = this.#head;
    while (end < this.#cursor && this.#entries[end]?.isSettled) end += 1;
    return this.#entries.slice(this.#head, end);
  }

  /** The position behind so many, from the first that is not finished on. */
  positionBehind(count: number): string | undefined {
    return this.#entries[this.#head + count]?.record.offset ?? this.#next;
  }

  take(): Tracked<T> | undefined {
    const entry = this.#entries[this.#cursor];
    if (entry !== undefined) this.#cursor += 1;
    return entry;
  }

  finish(entry: Tracked<T>): void {
    entry.isFinished = true;
    while (this.#head < this.#cursor && this.#entries[this.#head]?.isFinished) this.#head += 1;
    this.#forget();
  }

  /** Drops what is finished, in large pieces, so that each record is moved a bounded number of times. */
  #forget(): void {
    if (this.#head < 1_024 && this.#head < this.#entries.length) return;
    if (this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#cursor -= this.#head;
    this.#head = 0;
  }
}
