import type { MessageHeaders } from '@millrace/core/spi';
import type { FetchedBatch, FetchedRecord, TopicPartition } from '../kafka-port';
import type { KafkaLease } from './kafka-lease';
import { OffsetTracker, type Tracked } from './kafka-offsets';
import { KafkaTenure } from './kafka-tenure';

/** A record on its way through core, and back where it was not finished. */
export interface WindowEntry extends Tracked<FetchedRecord> {
  /** Times it came back without a delay, for the back-off. */
  returns: number;
  /** Headers that replace its own after a delay. */
  headers: MessageHeaders | undefined;
  /** The broker has refused what was sent for it: the next time that is found out while its handler can be told. */
  isSuspect: boolean;
}

interface Held {
  readonly entry: WindowEntry;
  readonly dueAt: number;
  /** Later records wait for it, too. */
  readonly blocks: boolean;
}

/** Records of one partition that wait for their time, at most; then later ones wait at the broker. */
const MOST_HELD = 1_000;

/** What one consumer has in hand of one partition: fetched and waiting, open in core, held for a while. */
export class KafkaWindow implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #tracker = new OffsetTracker(newEntry);
  /** When a record of a retry topic may be handed over. */
  readonly #dueAt: ((record: FetchedRecord) => number) | undefined;
  /** By time, the earliest last. */
  #held: Held[] = [];
  #blocked = 0;
  #skipUntil: bigint | undefined;
  readonly #lease: Pick<KafkaLease, 'isOver'>;
  readonly #longestSpan: number;
  #tenure: KafkaTenure;
  #isVoid = false;
  /** Deliveries that take up room: with core, or waiting to be committed together. */
  open = 0;
  /** Those that core has not answered. */
  unanswered = 0;
  /** Whether the client fetches no more of it, and until how few are waiting. */
  isPaused = false;
  resumeAt = 0;
  committed: string | undefined;

  /** `longestSpan`: records handed over from the first unfinished one on, at most. */
  constructor(
    { topic, partition }: TopicPartition,
    lease: Pick<KafkaLease, 'isOver'>,
    longestSpan: number,
    dueAt?: (record: FetchedRecord) => number,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.#lease = lease;
    this.#longestSpan = longestSpan;
    this.#tenure = new KafkaTenure(lease);
    this.#dueAt = dueAt;
  }

  /** Whether the partition is another's: verdicts count no more. */
  get isVoid(): boolean {
    return this.#isVoid;
  }

  /** The partition is another's from now on. */
  giveUp(): void {
    this.#isVoid = true;
    this.recall();
  }

  /** Of what is handed over now. */
  get tenure(): KafkaTenure {
    return this.#tenure;
  }

  /** What was handed over and is not begun comes back, and is handed over again after that. */
  recall(): void {
    this.#tenure.end();
  }

  /** Whether something may be handed over: not before all that was recalled is back, or it would be overtaken. */
  mayHand(): boolean {
    if (!this.#tenure.isEnded) return true;
    if (this.#isVoid || this.unanswered > 0) return false;
    this.#tenure = new KafkaTenure(this.#lease);
    return true;
  }

  /** Whether each of its records has a time before which it is not handed over. */
  get isDelayed(): boolean {
    return this.#dueAt !== undefined;
  }

  /** Records fetched and not handed over. */
  get waiting(): number {
    return this.#tracker.waiting;
  }

  /** Whether it has as much in hand as it may: later records wait at the broker. */
  get isFull(): boolean {
    return this.#held.length >= MOST_HELD || this.#tracker.span >= this.#longestSpan;
  }

  /** The position to commit, where it has moved. */
  get uncommitted(): string | undefined {
    const position = this.#tracker.committable;
    return position === this.committed ? undefined : position;
  }

  /** After a rejoin the client fetches again from the last commit: what is in hand already is left out. */
  expectRepetition(): void {
    const next = this.#tracker.next;
    this.#skipUntil = next === undefined ? undefined : BigInt(next);
  }

  append({ records, next }: FetchedBatch): void {
    const from = this.#skipUntil;
    if (from === undefined) {
      this.#tracker.append(records, next);
      return;
    }
    if (BigInt(next) < from) return;
    this.#skipUntil = undefined;
    this.#tracker.append(
      records.filter(({ offset }) => BigInt(offset) >= from),
      next,
    );
  }

  /** The next record that may be handed over now. */
  take(now: number): WindowEntry | undefined {
    const earliest = this.#held.at(-1);
    if (earliest !== undefined && earliest.dueAt <= now) {
      this.#held.pop();
      if (earliest.blocks) this.#blocked -= 1;
      return earliest.entry;
    }
    while (this.#blocked === 0 && !this.isFull) {
      const entry = this.#tracker.take();
      if (entry === undefined) return undefined;
      const dueAt = this.#dueAt?.(entry.record) ?? 0;
      if (dueAt <= now) return entry;
      this.hold(entry, dueAt, false);
    }
    return undefined;
  }

  /** The record that all others of the partition wait for, where it was held and may be handed over now. */
  takeFirst(now: number): WindowEntry | undefined {
    const { first } = this.#tracker;
    const place = this.#held.findIndex(({ entry, dueAt }) => entry === first && dueAt <= now);
    const [held] = place < 0 ? [] : this.#held.splice(place, 1);
    if (held?.blocks) this.#blocked -= 1;
    return held?.entry;
  }

  /** When {@link take} may have something again without anything happening. */
  get nextDue(): number | undefined {
    return this.#held.at(-1)?.dueAt;
  }

  hold(entry: WindowEntry, dueAt: number, blocks: boolean): void {
    let place = this.#held.length;
    while (place > 0 && comesFirst(this.#held[place - 1] as Held, dueAt, entry)) place -= 1;
    this.#held.splice(place, 0, { entry, dueAt, blocks });
    if (blocks) this.#blocked += 1;
  }

  /** Those settled without a gap, to be committed together; see {@link WindowEntry}. */
  settled(): readonly WindowEntry[] {
    return this.#tracker.settled();
  }

  positionBehind(count: number): string | undefined {
    return this.#tracker.positionBehind(count);
  }

  finish(entry: WindowEntry): void {
    // Behind one that is not finished it has to be remembered for long: by its offset, not with its bytes.
    if (entry !== this.#tracker.first) entry.record = bare(entry.record);
    this.#tracker.finish(entry);
  }
}

function newEntry(record: FetchedRecord): WindowEntry {
  return { record, isFinished: false, isSettled: false, returns: 0, headers: undefined, isSuspect: false };
}

function bare({ offset, timestamp }: FetchedRecord): FetchedRecord {
  return { offset, key: null, value: null, timestamp };
}

/** Of records due at the same time, the one sent first. */
function comesFirst(other: Held, dueAt: number, entry: WindowEntry): boolean {
  if (other.dueAt !== dueAt) return other.dueAt < dueAt;
  return BigInt(other.entry.record.offset) < BigInt(entry.record.offset);
}
