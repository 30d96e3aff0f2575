import type { MessageHeaders } from '@millrace/core/spi';
import type { FetchedRecord, RawHeaders, RecordToSend } from '../kafka-port';
import { encodeHeaders, lastOf } from '../wire/kafka-headers';
import type { Origin } from '../wire/kafka-record';

/** What a parked record tells of itself; taken off again when it is delivered. */
const names = {
  dueAt: 'millrace_retryDueAt',
  topic: 'millrace_retryTopic',
  partition: 'millrace_retryPartition',
  offset: 'millrace_retryOffset',
  timestamp: 'millrace_retryTimestamp',
} as const;
const ownNames: ReadonlySet<string> = new Set(Object.values(names));

/**
 * The topic in which a group parks records of a destination. One for each configured delay, in which the first to come is the
 * first due; and one for all other delays.
 */
export function retryTopic(destination: string, group: string, delayMs: number | undefined): string {
  return delayMs === undefined ? `${destination}.${group}.retry` : `${destination}.${group}.retry.${delayMs}`;
}

/** The record as it is parked: same key, body and partition number, with the headers core wants on its return. */
export function parkedRecord(
  record: FetchedRecord,
  origin: Origin,
  headers: MessageHeaders,
  where: { readonly dueAt: number; readonly partitions: number },
): RecordToSend {
  // Whatever the header mode: these headers are between this binder and itself.
  const encoded = encodeHeaders(headers, 'spring');
  encoded[names.dueAt] = Buffer.from(String(where.dueAt));
  encoded[names.topic] = Buffer.from(origin.topic);
  encoded[names.partition] = Buffer.from(String(origin.partition));
  encoded[names.offset] = Buffer.from(origin.position);
  encoded[names.timestamp] = Buffer.from(origin.timestamp);
  return {
    key: record.key,
    value: record.value,
    headers: encoded,
    partition: origin.partition % Math.max(1, where.partitions),
  };
}

/** When a parked record may be handed over; at once, where it does not say. */
export function dueAtOf({ headers }: FetchedRecord): number {
  const dueAt = Number(textOf(headers, names.dueAt));
  return Number.isFinite(dueAt) ? dueAt : 0;
}

/** Where a parked record came from. */
export function originOf({ headers, timestamp, offset }: FetchedRecord, topic: string, partition: number): Origin {
  const former = Number(textOf(headers, names.partition) ?? Number.NaN);
  return {
    topic: textOf(headers, names.topic) ?? topic,
    partition: Number.isInteger(former) ? former : partition,
    position: textOf(headers, names.offset) ?? offset,
    timestamp: textOf(headers, names.timestamp) ?? timestamp,
  };
}

/** The record without what was added to park it. */
export function unparked(record: FetchedRecord): FetchedRecord {
  const headers = Object.entries(record.headers ?? {}).filter(([name]) => !ownNames.has(name));
  return { ...record, headers: Object.fromEntries(headers) };
}

function textOf(headers: RawHeaders | undefined, name: string): string | undefined {
  const value = lastOf(headers?.[name]);
  return value === undefined || value === null ? undefined : Buffer.from(value).toString();
}
