import {
  type DeadLetter,
  deadLetterHeaders,
  type MessageHeaders,
  MillraceError,
  type OutboundRecord,
} from '@millrace/core/spi';
import type { BytePool } from './byte-pool';
import { readHeaders, type StoredHeaders, storeHeaders } from './memory-headers';

/** A record's content as the broker keeps it: nobody else has a reference to its bytes. */
export interface RecordContent {
  readonly payload: Uint8Array | null;
  readonly headers: StoredHeaders;
  readonly key: string | undefined;
  /** The partition asked for, if one was. */
  readonly wantedPartition: number | undefined;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** What it counts towards retention: payload, key and headers. */
  readonly bytes: number;
}

/** A record in its place. The list of its partition runs through `older` and `newer`, so it can leave from the middle. */
export interface StoredRecord {
  readonly content: RecordContent;
  readonly destination: string;
  readonly partition: number;
  readonly offset: number;
  /** Order of arrival over all destinations of the broker. */
  readonly sequence: number;
  /** Groups that have not finished it; with none left it may be dropped. */
  unfinished: number;
  dropped: boolean;
  older: StoredRecord | undefined;
  newer: StoredRecord | undefined;
}

/** A record that a reader has given to its member. */
export interface HandedOut {
  readonly record: StoredRecord;
  readonly deliveries: number;
  /** Headers that replace the record's own, after a delayed requeue. */
  readonly headers: StoredHeaders | undefined;
}

/** A copy of a record, with its place in its destination. */
export interface MemoryRecord {
  readonly destination: string;
  readonly partition: number;
  /** The offset in its partition, as text. */
  readonly position: string;
  readonly payload: Uint8Array | null;
  readonly headers: MessageHeaders;
  readonly key: string | undefined;
  /** When it was sent, as far as the sender told; otherwise when it arrived. */
  readonly timestamp: Date;
}

/** The form in which a consumer hands it over. */
export interface MemoryDelivery extends MemoryRecord {
  readonly deliveries: number;
}

export interface RecordLimits {
  readonly destination: string;
  readonly maxRecordBytes: number;
}

/** Copies what is to be kept; throws PAYLOAD_TOO_LARGE or HEADER_INVALID. */
export function recordContent(record: OutboundRecord, limits: RecordLimits, pool: BytePool): RecordContent {
  const { destination, maxRecordBytes } = limits;
  const { payload, key } = record;
  const payloadBytes = payload?.byteLength ?? 0;
  if (payloadBytes > maxRecordBytes) {
    throw new MillraceError(
      'PAYLOAD_TOO_LARGE',
      `${payloadBytes} bytes for ${destination}; the memory binder takes ${maxRecordBytes} (maxRecordBytes)`,
    );
  }
  const headers = storeHeaders(record.headers);
  return {
    payload: payload && pool.copy(payload),
    headers,
    key,
    wantedPartition: record.partition,
    timestamp: record.timestamp?.getTime() ?? Date.now(),
    bytes: payloadBytes + headers.bytes + (key?.length ?? 0),
  };
}

/** A stored record for one reader: bytes of its own, so that it can spoil nobody else's copy nor its own next delivery. */
export function deliveryOf({ record, headers, deliveries }: HandedOut, pool: BytePool): MemoryDelivery {
  const { content } = record;
  return {
    destination: record.destination,
    partition: record.partition,
    position: String(record.offset),
    payload: content.payload && pool.copy(content.payload),
    headers: readHeaders(headers ?? content.headers),
    key: content.key,
    timestamp: new Date(content.timestamp),
    deliveries,
  };
}

export function recordView(record: StoredRecord, pool: BytePool): MemoryRecord {
  const { deliveries: _, ...view } = deliveryOf({ record, headers: undefined, deliveries: 0 }, pool);
  return view;
}

/** A dead letter on its way: original bytes and key, the reason in the headers. `partition` is where it should go. */
export function deadLetterRecord(letter: DeadLetter, partition: number | undefined): OutboundRecord {
  const { payload, key } = letter.record;
  return { payload, key, partition, headers: deadLetterHeaders(letter), timestamp: letter.time };
}
