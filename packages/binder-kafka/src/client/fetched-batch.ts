import type { FetchedRecord, RawHeader, RawHeaders, Timestamp } from '../kafka-port';
import { type Varint, varintAt } from './varint';

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
    const [firstTime, lastTime] = [head.readBigInt64BE(27), head.readBigInt64BE(35)];
    const appendedAt = (attributes & LOG_APPEND_TIME) === 0 ? undefined : sum(lastTime, 0);
    this.#records = recordsIn(
      { bytes, first: this.#first, firstTime, appendedAt, names: new NamesInTurn(bytes) },
      start,
      head.readInt32BE(57),
    );
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

/** What the records of a batch have in common. */
interface Origin {
  readonly bytes: Buffer;
  readonly first: bigint;
  /** Milliseconds since 1970. */
  readonly firstTime: bigint;
  /** Where the broker's clock counts and not the sender's. */
  readonly appendedAt: Timestamp | undefined;
  readonly names: NamesInTurn;
}

function recordsIn(origin: Origin, start: number, count: number): FetchedRecord[] {
  const { bytes } = origin;
  const records: FetchedRecord[] = [];
  const cursor: Varint = { value: 0, end: start };
  while (records.length < count) {
    varintAt(bytes, cursor.end, cursor);
    const end = cursor.end + cursor.value;
    if (cursor.value < 1 || end > bytes.length) throw new RangeError(`a record of ${cursor.value} bytes`);
    records.push(new RecordInBatch(origin, cursor, end));
    cursor.end = end;
  }
  return records;
}

/** Positions in the bytes of its batch; nothing of it is made before it is asked for. */
class RecordInBatch implements FetchedRecord {
  readonly #origin: Origin;
  readonly #timeAt: number;
  readonly #index: number;
  readonly #keyAt: number;
  /** Below 0: it has none. */
  readonly #keyLength: number;
  readonly #valueAt: number;
  readonly #valueLength: number;
  readonly #end: number;

  /** @param cursor behind the length of the record */
  constructor(origin: Origin, cursor: Varint, end: number) {
    const { bytes } = origin;
    this.#origin = origin;
    this.#end = end;
    // One byte of attributes, of which there are none.
    this.#timeAt = cursor.end + 1;
    varintAt(bytes, this.#timeAt, cursor);
    this.#index = varintAt(bytes, cursor.end, cursor);
    this.#keyLength = varintAt(bytes, cursor.end, cursor);
    this.#keyAt = cursor.end;
    this.#valueLength = varintAt(bytes, cursor.end + Math.max(0, this.#keyLength), cursor);
    this.#valueAt = cursor.end;
    if (this.#headersAt > end) throw new RangeError(`a record with a key of ${this.#keyLength} bytes`);
  }

  get offset(): string {
    const { first } = this.#origin;
    return String(sum(first, this.#index));
  }

  get timestamp(): Timestamp {
    const { bytes, firstTime, appendedAt } = this.#origin;
    return appendedAt ?? sum(firstTime, varintAt(bytes, this.#timeAt, { value: 0, end: 0 }));
  }

  get key(): Buffer | null {
    return this.#keyLength < 0 ? null : this.#origin.bytes.subarray(this.#keyAt, this.#keyAt + this.#keyLength);
  }

  get value(): Buffer | null {
    return this.#valueLength < 0 ? null : this.#origin.bytes.subarray(this.#valueAt, this.#headersAt);
  }

  get headers(): RawHeaders {
    return headersIn(this.#origin, this.#headersAt, this.#end);
  }

  get #headersAt(): number {
    return this.#valueAt + Math.max(0, this.#valueLength);
  }
}

/** As text where it does not fit into a number. */
function sum(first: bigint, more: number): number | string {
  const near = Number(first) + more;
  return Number.isSafeInteger(near) ? near : String(first + BigInt(more));
}

/** Those that are whole: nobody's headers make a record undeliverable. A name that stands more than once has all its values. */
function headersIn({ bytes, names }: Origin, start: number, end: number): RawHeaders {
  const headers: Record<string, RawHeader | RawHeader[]> = {};
  const cursor: Varint = { value: 0, end: 0 };
  const count = varintAt(bytes, start, cursor);
  for (let turn = 0; turn < count && cursor.end < end; turn += 1) {
    const nameLength = varintAt(bytes, cursor.end, cursor);
    const nameAt = cursor.end;
    if (nameLength < 0 || nameAt + nameLength >= end) break;
    const length = varintAt(bytes, nameAt + nameLength, cursor);
    const valueAt = cursor.end;
    cursor.end += Math.max(0, length);
    if (cursor.end > end) break;
    const name = names.at(turn, nameAt, nameLength);
    add(headers, name, length < 0 ? null : bytes.subarray(valueAt, cursor.end));
  }
  return headers;
}

/** So many of a record are compared with those of the record before it. */
const MOST_NAMES = 100;

/** Names of headers. Records of one batch mostly have the same ones in the same order: then the text is there already. */
class NamesInTurn {
  readonly #bytes: Buffer;
  readonly #known: { readonly at: number; readonly length: number; readonly text: string }[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  at(turn: number, at: number, length: number): string {
    const known = this.#known[turn];
    if (known?.length === length && this.#isSame(known.at, at, length)) return known.text;
    const text = this.#bytes.toString('utf8', at, at + length);
    if (turn < MOST_NAMES) this.#known[turn] = { at, length, text };
    return text;
  }

  #isSame(one: number, other: number, length: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < length; index += 1) if (bytes[one + index] !== bytes[other + index]) return false;
    return true;
  }
}

function add(headers: Record<string, RawHeader | RawHeader[]>, name: string, value: RawHeader): void {
  // `__proto__` is a name like any other.
  if (name === '__proto__')
    Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
  else if (!Object.hasOwn(headers, name)) headers[name] = value;
  else headers[name] = [headers[name] as RawHeader | RawHeader[], value].flat();
}
