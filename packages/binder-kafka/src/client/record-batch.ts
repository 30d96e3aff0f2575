import type { HeaderToSend, RecordToSend } from '../kafka-port';

/** What a batch goes through, and its number in the attributes of the batch. */
export interface BatchCompression {
  readonly number: number;
  compress(records: Buffer): Buffer;
}

export interface BatchTools {
  readonly crc32c: (bytes: Buffer) => number;
  readonly nameOf: (headerName: string) => Buffer;
  /** `undefined`: as they are. */
  readonly compression: BatchCompression | undefined;
}

/** Bytes before the records. */
const HEAD_BYTES = 61;
/** The checksum covers what follows it. */
const CHECKSUM_AT = 17;
const COVERED_FROM = CHECKSUM_AT + 4;
const MAGIC = 2;
const IN_TRANSACTION = 0b1_0000;

/** Who writes, so that the broker knows what it has already. */
export interface BatchWriter {
  readonly id: bigint;
  readonly epoch: number;
  /** The number of its first record, counted for each partition. */
  readonly sequence: number;
  readonly isInTransaction: boolean;
}

/** A producer that is neither idempotent nor part of a transaction. */
const nobody: BatchWriter = Object.freeze({ id: -1n, epoch: -1, sequence: -1, isInTransaction: false });

/**
 * Records as brokers store them: a record batch of version 2, https://kafka.apache.org/documentation/#recordbatch. Its bytes are
 * counted first and written once, into one buffer for all records.
 *
 * @param now milliseconds since 1970, for records that bear no timestamp
 */
export function recordBatch(
  records: readonly RecordToSend[],
  now: number,
  tools: BatchTools,
  writer: BatchWriter = nobody,
): Buffer {
  const first = timestampOf(records[0], now);
  let last = first;
  let bytes = 0;
  const sizes = records.map((record, index) => {
    const timestamp = timestampOf(record, now);
    if (timestamp > last) last = timestamp;
    const size = sizeOfRecord(record, timestamp - first, index, tools);
    bytes += size + sizeOfVarint(size);
    return size;
  });
  const { compression } = tools;
  const batch = Buffer.allocUnsafe(HEAD_BYTES + bytes);
  let at = HEAD_BYTES;
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index] as RecordToSend;
    at = putVarint(batch, at, sizes[index] as number);
    at = putRecord(batch, at, record, timestampOf(record, now) - first, index, tools);
  }
  const whole =
    compression === undefined
      ? batch
      : Buffer.concat([batch.subarray(0, HEAD_BYTES), compression.compress(batch.subarray(HEAD_BYTES))]);
  const attributes = (compression?.number ?? 0) | (writer.isInTransaction ? IN_TRANSACTION : 0);
  putHead(whole, { attributes, count: records.length, first, last, writer });
  whole.writeUInt32BE(tools.crc32c(whole.subarray(COVERED_FROM)), CHECKSUM_AT);
  return whole;
}

interface Head {
  readonly attributes: number;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly writer: BatchWriter;
}

function putHead(batch: Buffer, { attributes, count, first, last, writer }: Head): void {
  // The broker numbers the records: the offset of the first, and the epoch of the leader, are its own.
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(0, 12);
  batch.writeInt8(MAGIC, 16);
  batch.writeInt16BE(attributes, 21);
  batch.writeInt32BE(count - 1, 23);
  batch.writeBigInt64BE(BigInt(first), 27);
  batch.writeBigInt64BE(BigInt(last), 35);
  batch.writeBigInt64BE(writer.id, 43);
  batch.writeInt16BE(writer.epoch, 51);
  batch.writeInt32BE(writer.sequence, 53);
  batch.writeInt32BE(count, 57);
}

function timestampOf(record: RecordToSend | undefined, now: number): number {
  return record?.timestamp === undefined ? now : Number(record.timestamp);
}

function sizeOfRecord({ key, value, headers }: RecordToSend, age: number, index: number, tools: BatchTools): number {
  let size = 1 + sizeOfVarint(age) + sizeOfVarint(index) + sizeOfBytes(key) + sizeOfBytes(value);
  let count = 0;
  for (const name in headers) {
    const values = headers[name] as HeaderToSend | HeaderToSend[];
    const sizeOfName = sizeOfBytes(tools.nameOf(name));
    count += Array.isArray(values) ? values.length : 1;
    if (Array.isArray(values)) for (const each of values) size += sizeOfName + sizeOfHeader(each);
    else size += sizeOfName + sizeOfHeader(values);
  }
  return size + sizeOfVarint(count);
}

function putRecord(
  batch: Buffer,
  start: number,
  { key, value, headers }: RecordToSend,
  age: number,
  index: number,
  tools: BatchTools,
): number {
  // Attributes of a record, of which there are none.
  batch[start] = 0;
  let at = putVarint(batch, start + 1, age);
  at = putVarint(batch, at, index);
  at = putBytes(batch, at, key);
  at = putBytes(batch, at, value);
  at = putVarint(batch, at, countOf(headers));
  for (const name in headers) {
    const values = headers[name] as HeaderToSend | HeaderToSend[];
    if (!Array.isArray(values)) at = putHeader(batch, at, tools.nameOf(name), values);
    else for (const each of values) at = putHeader(batch, at, tools.nameOf(name), each);
  }
  return at;
}

function countOf(headers: RecordToSend['headers']): number {
  let count = 0;
  for (const name in headers) {
    const values = headers[name];
    count += Array.isArray(values) ? values.length : 1;
  }
  return count;
}

function sizeOfHeader(value: HeaderToSend): number {
  const bytes = Buffer.byteLength(value);
  return sizeOfVarint(bytes) + bytes;
}

function putHeader(batch: Buffer, start: number, name: Buffer, value: HeaderToSend): number {
  const at = putBytes(batch, start, name);
  if (typeof value !== 'string') return putBytes(batch, at, value);
  // To where it belongs if it is ASCII, as it is as a rule. Nothing lies behind it yet.
  const room = sizeOfVarint(value.length);
  const length = batch.write(value, at + room);
  const from = putVarint(batch, at, length);
  return from + (from === at + room ? length : batch.write(value, from));
}

function sizeOfBytes(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length;
}

function putBytes(batch: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return putVarint(batch, at, -1);
  const start = putVarint(batch, at, bytes.length);
  batch.set(bytes, start);
  return start + bytes.length;
}

/** Small numbers of either sign become small ones without a sign. Beyond 32 bits too, which bit operations would cut. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function sizeOfVarint(value: number): number {
  if (value >= -0x40 && value < 0x40) return 1;
  if (value >= -0x2000 && value < 0x2000) return 2;
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

function putVarint(batch: Buffer, start: number, value: number): number {
  let at = start;
  let rest = zigzag(value);
  if (rest < 0x4000) {
    if (rest < 0x80) {
      batch[at] = rest;
      return at + 1;
    }
    batch[at] = (rest & 0x7f) | 0x80;
    batch[at + 1] = rest >> 7;
    return at + 2;
  }
  while (rest > 0x7f) {
    batch[at] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
    at += 1;
  }
  batch[at] = rest;
  return at + 1;
}
