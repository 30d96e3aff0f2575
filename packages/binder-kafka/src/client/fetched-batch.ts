import type { FetchedRecord } from '../kafka-port';
import { recordsIn } from './fetched-record';

/** Bytes of a batch before its length is counted, and before its records. */
const UNCOUNTED_BYTES = 12;
const HEAD_BYTES = 61;
const MAGIC = 2;
const COMPRESSION = 0b111;
const LOG_APPEND_TIME = 0b1000;
const IN_TRANSACTION = 0b1_0000;
const CONTROL = 0b10_0000;
/** Kind of a control record, after two bytes of version. */
const ABORT = 0;

/** Reads what is compressed in the way of this number. @throws Error naming what is missing */
export type Decompress = (compression: number, records: Buffer) => Promise<Buffer>;

/** Thrown for what was written before record batches had version 2, which is of 2017. */
export class OlderBatch extends Error {}

/**
 * One record batch of version 2, https://kafka.apache.org/documentation/#recordbatch, with the fields of a kafkajs message: kafkajs
 * is given one of these for each batch instead of an object for each record.
 */
export class FetchedBatch {
  /** Of its last record, even where compaction has removed it. */
  readonly offset: string;
  /** Whether kafkajs goes on behind it without handing it over: a mark of the end of a transaction, or part of one that was aborted. */
  isControlRecord: boolean;
  /** The producer of a transaction that it is part of. */
  readonly transaction: string | undefined;
  readonly #first: bigint;
  readonly #records: readonly FetchedRecord[];

  constructor(head: Buffer, bytes: Buffer, start: number) {
    const attributes = head.readInt16BE(21);
    this.#first = head.readBigInt64BE(0);
    this.offset = String(this.#first + BigInt(head.readInt32BE(23)));
    this.isControlRecord = (attributes & CONTROL) !== 0;
    this.transaction = (attributes & IN_TRANSACTION) === 0 ? undefined : String(head.readBigInt64BE(43));
    const appendedAt = (attributes & LOG_APPEND_TIME) === 0 ? undefined : head.readBigInt64BE(35);
    const origin = { bytes, firstOffset: this.#first, firstTime: head.readBigInt64BE(27), appendedAt };
    this.#records = recordsIn(origin, start, head.readInt32BE(57));
  }

  /** Whether it is the mark that its producer's transaction was aborted. */
  get isAbort(): boolean {
    const key = this.isControlRecord ? this.#records[0]?.key : undefined;
    return key != null && key.length >= 4 && key.readInt16BE(2) === ABORT;
  }

  /** Its records from this offset on. */
  from(offset: bigint): readonly FetchedRecord[] {
    return offset <= this.#first ? this.#records : this.#records.filter((record) => BigInt(record.offset) >= offset);
  }
}

/**
 * The batches of a record set. The last may have been cut off where a fetch has a limit: it is left out, and comes again whole.
 *
 * @throws OlderBatch where one has another version, RangeError where the bytes of one contradict each other
 */
export async function batchesIn(
  set: Buffer,
  decompress: Decompress,
  transactions: AbortedTransactions,
): Promise<FetchedBatch[]> {
  const batches: FetchedBatch[] = [];
  for (let at = 0; set.length - at >= HEAD_BYTES; ) {
    const end = at + UNCOUNTED_BYTES + set.readInt32BE(at + 8);
    if (end > set.length) break;
    if (set[at + 16] !== MAGIC) throw new OlderBatch();
    if (end < at + HEAD_BYTES) throw new RangeError(`a record batch of ${end - at} bytes`);
    const batch = await batchOf(set.subarray(at, end), decompress);
    if (transactions.include(batch)) batch.isControlRecord = true;
    batches.push(batch);
    at = end;
  }
  return batches;
}

/** A transaction that was aborted, as brokers list them. */
export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/**
 * Knows the batches of aborted transactions, asked for one after the other. kafkajs, too, but it opens no more than one transaction
 * with each message: where a fetch begins behind the beginnings of several, it hands over what was aborted.
 */
export class AbortedTransactions {
  readonly #coming: AbortedTransaction[];
  readonly #open = new Set<string>();

  /** @param listed by their first offsets */
  constructor(listed: readonly AbortedTransaction[]) {
    this.#coming = [...listed];
  }

  include(batch: FetchedBatch): boolean {
    const { offset, transaction, isAbort, isControlRecord } = batch;
    const last = BigInt(offset);
    for (let next = this.#coming[0]; next !== undefined && BigInt(next.firstOffset) <= last; next = this.#coming[0]) {
      this.#coming.shift();
      this.#open.add(next.producerId);
    }
    if (transaction === undefined) return false;
    if (isAbort) this.#open.delete(transaction);
    return !isControlRecord && this.#open.has(transaction);
  }
}

async function batchOf(batch: Buffer, decompress: Decompress): Promise<FetchedBatch> {
  const compression = batch.readInt16BE(21) & COMPRESSION;
  if (compression === 0 || batch.length === HEAD_BYTES) return new FetchedBatch(batch, batch, HEAD_BYTES);
  return new FetchedBatch(batch, await decompress(compression, batch.subarray(HEAD_BYTES)), 0);
}
