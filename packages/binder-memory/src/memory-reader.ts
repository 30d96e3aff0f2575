import type { MessageHeaders, Settlement } from '@millrace/core/spi';
import type { Alarm, MemoryClock } from './memory-clock';
import { type StoredHeaders, storeHeaders } from './memory-headers';
import type { StartFrom } from './memory-options';
import type { MemoryPartition } from './memory-partition';
import type { HandedOut, StoredRecord } from './memory-record';
import { MinHeap } from './min-heap';

/** Who takes records from readers: a consumer. */
export interface Member {
  /** Static share: the partitions with `partition % count === index`. */
  readonly share: { readonly index: number; readonly count: number } | undefined;
  /** Tells that the reader may have a record to take. */
  offer(reader: MemoryReader): void;
  /** Tells that a record was dropped before the member had it; happens to broadcast consumers only. */
  missed(record: StoredRecord): void;
}

/** A record that was handed out at least once and is not finished. */
export interface Outstanding extends HandedOut {
  state: 'open' | 'returned' | 'parked' | 'gone';
  /** Begins again after a delay: what was before stands in the new headers. */
  deliveries: number;
  /** Counts every hand-over, so that a verdict which comes too late is known. */
  handovers: number;
  headers: StoredHeaders | undefined;
  alarm: Alarm | undefined;
}

/** Records that are not finished, by what they wait for. */
export interface Backlog {
  /** Not handed out, or given back. */
  readonly waiting: number;
  /** Handed out. */
  readonly open: number;
  /** Set aside for a delay. */
  readonly parked: number;
}

export interface ReaderOptions {
  readonly startFrom: StartFrom;
  /** Told of each finished record; a group's reader holds the log back until then, a broadcast one never does. */
  readonly finished: ((record: StoredRecord) => void) | undefined;
}

/**
 * The place of one group (or of one broadcast consumer) in one partition. What lies before the cursor is finished unless it
 * is outstanding, so what was acknowledged out of order is never handed out again when an earlier record comes back.
 *
 * One member at a time takes from it. When another is to, it waits until the first has settled all it holds: so records of
 * one partition are never at work in two places.
 */
export class MemoryReader {
  private readonly outstanding = new Map<number, Outstanding>();
  private readonly returned = new MinHeap<Outstanding>((entry) => entry.record.offset);
  private cursor: StoredRecord | undefined;
  private ahead: number;
  private open = 0;
  private owner: Member | undefined;
  private heir: Member | undefined;
  private ended = false;

  constructor(
    private readonly source: MemoryPartition,
    private readonly clock: MemoryClock,
    private readonly options: ReaderOptions,
  ) {
    const fromStart = options.startFrom === 'earliest';
    this.cursor = fromStart ? source.first : undefined;
    this.ahead = fromStart ? source.size : 0;
    source.readers.add(this);
  }

  get partition(): number {
    return this.source.index;
  }

  /** Records not finished yet. */
  get lag(): number {
    return this.ahead + this.outstanding.size;
  }

  /** What its member has still to do; `undefined` where nobody reads. */
  get backlog(): Backlog | undefined {
    if (this.heir === undefined) return undefined;
    let [returned, open, parked] = [0, 0, 0];
    for (const { state } of this.outstanding.values()) {
      if (state === 'parked') parked += 1;
      else if (state === 'open') open += 1;
      else returned += 1;
    }
    return { waiting: this.ahead + returned, open, parked };
  }

  /** Sequence of the record that `member` could take next; infinite when it can take none. */
  nextFor(member: Member): number {
    if (this.owner !== member || this.heir !== member) return Number.POSITIVE_INFINITY;
    return (this.firstReturned()?.record ?? this.cursor)?.sequence ?? Number.POSITIVE_INFINITY;
  }

  /** Hands out the next record: first what came back, in its old order, then what was never out. */
  take(): Outstanding | undefined {
    const entry = this.firstReturned() === undefined ? this.advance() : this.returned.pop();
    if (entry === undefined) return undefined;
    entry.state = 'open';
    entry.deliveries += 1;
    entry.handovers += 1;
    this.open += 1;
    return entry;
  }

  /**
   * `handover` is the entry's count when it was taken: the verdict on a delivery that was given up meanwhile is ignored.
   * Throws HEADER_INVALID, and changes nothing, when the new headers cannot be kept.
   */
  settle(entry: Outstanding, handover: number, settlement: Settlement): void {
    if (entry.state !== 'open' || entry.handovers !== handover) return;
    const comesBack = settlement.verdict === 'requeue' && !this.ended;
    if (!comesBack) this.finish(entry);
    else if (entry.record.dropped) this.lose(entry);
    else this.giveBack(entry, settlement.delayMs, settlement.headers);
    this.open -= 1;
    this.handOver();
  }

  /** Names the member that takes from now on; `undefined`: nobody. */
  assign(member: Member | undefined): void {
    this.heir = member;
    this.handOver();
  }

  /** Takes back everything `member` holds, as if its connection were gone. */
  abandon(member: Member): void {
    if (this.owner !== member) return;
    for (const entry of this.outstanding.values()) {
      if (entry.state === 'open') this.comeBack(entry);
    }
    this.open = 0;
    this.handOver();
  }

  /** A new record at the end of the partition. */
  arrived(record: StoredRecord): void {
    this.cursor ??= record;
    this.ahead += 1;
    this.offerToOwner();
  }

  /** The record leaves the partition. A group has finished it by then; a broadcast consumer may lose it here. */
  forget(record: StoredRecord): void {
    if (this.cursor !== undefined && record.offset >= this.cursor.offset) {
      if (this.cursor === record) this.cursor = record.newer;
      this.ahead -= 1;
      this.owner?.missed(record);
      return;
    }
    const entry = this.outstanding.get(record.offset);
    if (entry !== undefined && entry.state !== 'open') this.lose(entry);
  }

  /** Lets go of everything; only open deliveries are still awaited. */
  end(): void {
    this.ended = true;
    this.source.readers.delete(this);
    this.cursor = undefined;
    this.ahead = 0;
    for (const entry of this.outstanding.values()) {
      if (entry.state !== 'open') this.finish(entry);
    }
    this.assign(undefined);
  }

  private advance(): Outstanding | undefined {
    const record = this.cursor;
    if (record === undefined) return undefined;
    this.cursor = record.newer;
    this.ahead -= 1;
    const entry: Outstanding = {
      record,
      state: 'open',
      deliveries: 0,
      handovers: 0,
      headers: undefined,
      alarm: undefined,
    };
    this.outstanding.set(record.offset, entry);
    return entry;
  }

  private firstReturned(): Outstanding | undefined {
    let entry = this.returned.peek();
    while (entry !== undefined && entry.state !== 'returned') {
      this.returned.pop();
      entry = this.returned.peek();
    }
    return entry;
  }

  private giveBack(entry: Outstanding, delayMs: number | undefined, headers: MessageHeaders | undefined): void {
    if (headers !== undefined) entry.headers = storeHeaders(headers);
    if (delayMs !== undefined) entry.deliveries = 0;
    if (delayMs !== undefined && delayMs > 0) this.park(entry, delayMs);
    else this.comeBack(entry);
  }

  private park(entry: Outstanding, delayMs: number): void {
    entry.state = 'parked';
    entry.alarm = this.clock.after(delayMs, () => {
      entry.alarm = undefined;
      this.comeBack(entry);
      this.offerToOwner();
    });
  }

  private comeBack(entry: Outstanding): void {
    entry.state = 'returned';
    this.returned.push(entry);
  }

  private lose(entry: Outstanding): void {
    this.finish(entry);
    this.owner?.missed(entry.record);
  }

  private finish(entry: Outstanding): void {
    entry.state = 'gone';
    if (entry.alarm !== undefined) this.clock.cancel(entry.alarm);
    this.outstanding.delete(entry.record.offset);
    this.options.finished?.(entry.record);
  }

  private handOver(): void {
    if (this.open === 0) this.owner = this.heir;
    this.offerToOwner();
  }

  private offerToOwner(): void {
    if (this.owner !== undefined && this.owner === this.heir) this.owner.offer(this);
  }
}
