import type { MemoryReader } from './memory-reader';
import type { RecordContent, StoredRecord } from './memory-record';

/** One ordered slice of a destination: the records kept, oldest first, and everyone who reads them. */
export class MemoryPartition {
  readonly readers = new Set<MemoryReader>();
  first: StoredRecord | undefined;
  size = 0;
  private last: StoredRecord | undefined;
  private nextOffset = 0;

  constructor(
    readonly destination: string,
    readonly index: number,
  ) {}

  /** `unfinished`: number of groups that are to get it. */
  append(content: RecordContent, sequence: number, unfinished: number): StoredRecord {
    const record: StoredRecord = {
      content,
      destination: this.destination,
      partition: this.index,
      offset: this.nextOffset++,
      sequence,
      unfinished,
      dropped: false,
      older: this.last,
      newer: undefined,
    };
    if (this.last === undefined) this.first = record;
    else this.last.newer = record;
    this.last = record;
    this.size += 1;
    for (const reader of this.readers) reader.arrived(record);
    return record;
  }

  /** Takes a record out, wherever it stands. */
  drop(record: StoredRecord): void {
    for (const reader of this.readers) reader.forget(record);
    const { older, newer } = record;
    if (older === undefined) this.first = newer;
    else older.newer = newer;
    if (newer === undefined) this.last = older;
    else newer.older = older;
    // A reader may hold on to it; it must not keep its neighbours alive too.
    record.older = undefined;
    record.newer = undefined;
    record.dropped = true;
    this.size -= 1;
  }

  *records(): Generator<StoredRecord> {
    for (let record = this.first; record !== undefined; record = record.newer) yield record;
  }
}
