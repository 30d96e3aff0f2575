import {
  type DeadLetter,
  deadLetterHeaders,
  type MessageHeaders,
  MillraceError,
  type OutboundRecord,
} from '@millrace/core/spi';
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

/** Copies what is to be kept; throws PAYLOAD_TOO_LARGE or HEADER_INVALID. */
export function recordContent(record: OutboundRecord, destination: string, maxRecordBytes: number): RecordContent {
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
    payload: copyBytes(payload),
    headers,
    key,
    wantedPartition: record.partition,
    timestamp: record.timestamp?.getTime() ?? Date.now(),
    bytes: payloadBytes + headers.bytes + (key?.length ?? 0),
  };
}

/** A stored record for one reader: bytes of its own, so that it can spoil nobody else's copy nor its own next delivery. */
export function recordView(record: StoredRecord, headers = record.content.headers): MemoryRecord {
  const { content } = record;
  return {
    destination: record.destination,
    partition: record.partition,
    position: String(record.offset),
    payload: copyBytes(content.payload),
    headers: readHeaders(headers),
    key: content.key,
    timestamp: new Date(content.timestamp),
  };
}

/** A dead letter on its way: original bytes and key, the reason in the headers. `partition` is where it should go. */
export function deadLetterRecord(letter: DeadLetter, partition: number | undefined): OutboundRecord {
  const { payload, key } = letter.record;
  return { payload, key, partition, headers: deadLetterHeaders(letter), timestamp: letter.time };
}

/** `new Uint8Array` and not `slice`: the `slice` of a Buffer shares its memory. */
function copyBytes(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : new Uint8Array(bytes);
}
