import type { InboundRecord, MessageHeaders, OutboundRecord } from '@millrace/core/spi';
import type { HeaderMode } from '../kafka-options';
import type { FetchedRecord, HeaderToSend, RecordToSend, Timestamp, TopicPartition } from '../kafka-port';
import { bytesOf, encodeHeaders, type HeaderReader, type TypeLists } from './kafka-headers';
import { markWithSource } from './source-mark';

/** What a record costs beside key, value and headers, and a request beside its records: never less than the truth. */
const RECORD_OVERHEAD = 36;
const HEADER_OVERHEAD = 10;
const SHORT = 100;
export const BATCH_OVERHEAD = 128;

/** The form in which a record goes out. */
export function recordToSend(record: OutboundRecord, mode: HeaderMode, lists?: TypeLists): RecordToSend {
  const { payload, key, partition, timestamp } = record;
  return {
    key: key === undefined ? null : Buffer.from(key),
    value: payload === null ? null : bytesOf(payload),
    headers: encodeHeaders(record.headers, mode, lists),
    partition,
    timestamp: timestamp?.getTime(),
  };
}

/** Bytes it takes in a request, rounded up. */
export function sizeOf({ key, value, headers }: RecordToSend): number {
  let size = RECORD_OVERHEAD + (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  for (const name in headers) {
    const header = headers[name];
    const perValue = HEADER_OVERHEAD + Buffer.byteLength(name);
    if (Array.isArray(header)) for (const each of header) size += perValue + mostBytes(each);
    else if (header !== undefined) size += perValue + mostBytes(header);
  }
  return size;
}

/** What is short need not be looked at. */
function mostBytes(value: HeaderToSend): number {
  return typeof value === 'string' && value.length < SHORT ? value.length * 3 : Buffer.byteLength(value);
}

/** Where a record first was, when it comes from a retry topic. */
export interface Origin extends TopicPartition {
  readonly position: string;
  readonly timestamp: Timestamp;
}

/** A delivery. Headers are decoded when they are first read. */
export class KafkaDelivery implements InboundRecord {
  /** The group cannot see how often others had it: always 1 (capability `countsDeliveries` is not claimed). */
  readonly deliveries = 1;
  readonly destination: string;
  readonly partition: number;
  readonly position: string;
  readonly key: string | undefined;
  readonly payload: Uint8Array | null;
  readonly #raw: FetchedRecord;
  readonly #timestamp: Timestamp;
  readonly #reader: HeaderReader;
  readonly #tenure: { readonly isOver: boolean };
  #headers: MessageHeaders | undefined;

  /** `tenure`: the time in which it may be begun. */
  constructor(
    raw: FetchedRecord,
    origin: Origin,
    reader: HeaderReader,
    tenure: { readonly isOver: boolean },
    headers?: MessageHeaders,
  ) {
    this.destination = origin.topic;
    this.partition = origin.partition;
    this.position = origin.position;
    this.key = raw.key === null ? undefined : raw.key.toString();
    this.payload = raw.value;
    this.#raw = raw;
    this.#timestamp = origin.timestamp;
    this.#reader = reader;
    this.#tenure = tenure;
    if (headers !== undefined) this.#know(headers);
  }

  /** Absent where it is none that a date can hold: some clients write nanoseconds there. */
  get timestamp(): Date | undefined {
    const timestamp = new Date(Number(this.#timestamp));
    return Number.isNaN(timestamp.getTime()) ? undefined : timestamp;
  }

  get isRecalled(): boolean {
    return this.#tenure.isOver;
  }

  get headers(): MessageHeaders {
    return this.#headers ?? this.#know(this.#reader.read(this.#raw.headers));
  }

  #know(headers: MessageHeaders): MessageHeaders {
    this.#headers = headers;
    markWithSource(headers, this.#raw);
    return headers;
  }
}
