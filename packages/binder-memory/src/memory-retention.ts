import type { MemoryOptions } from './memory-options';
import type { RecordContent, StoredRecord } from './memory-record';
import { RingQueue } from './ring-queue';

/** A send that waits for room. */
interface Waiting {
  readonly content: RecordContent;
  readonly sender: object;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

export interface RetentionWork {
  /** Puts a record into the log that has been given room. */
  write(content: RecordContent): StoredRecord;
  /** Takes a finished record out of the log. */
  drop(record: StoredRecord): void;
}

/**
 * The bound of a destination's memory. Finished records stay as history until room is needed; unfinished ones are never
 * dropped: while they fill the destination, sends wait in the order in which they were made.
 */
export class MemoryRetention {
  private readonly finished = new RingQueue<StoredRecord>();
  private readonly waiting = new RingQueue<Waiting>();
  private records = 0;
  private bytes = 0;

  constructor(
    private readonly limits: MemoryOptions['retention'],
    private readonly work: RetentionWork,
  ) {}

  /** Keeps a record: at once (`undefined`), or when the promise resolves. */
  keep(content: RecordContent, sender: object): Promise<void> | undefined {
    if (this.waiting.size === 0 && this.makeRoom(content.bytes)) {
      this.write(content);
      return undefined;
    }
    return new Promise((resolve, reject) => this.waiting.push({ content, sender, resolve, reject }));
  }

  /** No group needs the record any more. */
  release(record: StoredRecord): void {
    this.finished.push(record);
    if (this.waiting.size > 0) this.admit();
  }

  /** A new group needs everything that is kept. */
  reclaim(): void {
    this.finished.clear();
  }

  /** Rejects the sends that wait; of one sender, or of all. */
  giveUp(reason: Error, sender?: object): void {
    for (let left = this.waiting.size; left > 0; left -= 1) {
      const waiting = this.waiting.shift() as Waiting;
      if (sender === undefined || waiting.sender === sender) waiting.reject(reason);
      else this.waiting.push(waiting);
    }
    this.admit();
  }

  private admit(): void {
    for (let next = this.waiting.peek(); next !== undefined; next = this.waiting.peek()) {
      if (!this.makeRoom(next.content.bytes)) return;
      this.waiting.shift();
      this.write(next.content);
      next.resolve();
    }
  }

  private makeRoom(bytes: number): boolean {
    while (!this.fits(bytes)) {
      const record = this.finished.shift();
      if (record === undefined) return false;
      this.work.drop(record);
      this.records -= 1;
      this.bytes -= record.content.bytes;
    }
    return true;
  }

  private fits(bytes: number): boolean {
    return this.records === 0 || (this.records < this.limits.records && this.bytes + bytes <= this.limits.bytes);
  }

  private write(content: RecordContent): void {
    this.records += 1;
    this.bytes += content.bytes;
    const record = this.work.write(content);
    if (record.unfinished === 0) this.finished.push(record);
  }
}
