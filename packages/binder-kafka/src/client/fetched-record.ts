import type { FetchedRecord, RawHeader, RawHeaders, Timestamp } from '../kafka-port';
import { put } from '../wire/kafka-headers';
import { type Varint, varintAt } from './varint';

/** What the records of a batch have in common. */
export interface RecordsOrigin {
  readonly bytes: Buffer;
  readonly firstOffset: bigint;
  /** Milliseconds since 1970. */
  readonly firstTime: bigint;
  /** Where the broker's clock counts and not the sender's. */
  readonly appendedAt: bigint | undefined;
}

interface Origin extends RecordsOrigin {
  readonly names: NamesInTurn;
}

/**
 * So many records as lie one behind the other from `start` on: https://kafka.apache.org/documentation/#record.
 *
 * @throws RangeError where their bytes contradict each other
 */
export function recordsIn(common: RecordsOrigin, start: number, count: number): FetchedRecord[] {
  const { bytes } = common;
  const origin: Origin = { ...common, names: new NamesInTurn(bytes) };
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
    return String(sum(this.#origin.firstOffset, this.#index));
  }

  get timestamp(): Timestamp {
    const { bytes, firstTime, appendedAt } = this.#origin;
    if (appendedAt !== undefined) return sum(appendedAt, 0);
    return sum(firstTime, varintAt(bytes, this.#timeAt, { value: 0, end: 0 }));
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
  const former = Object.hasOwn(headers, name) ? headers[name] : undefined;
  put(headers, name, former === undefined ? value : [former, value].flat());
}
