import { MAX_DURATION_MS, type MessageHeaders } from '@millrace/core/spi';
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
/** More than any delay, though clocks differ. */
const LATEST_MS = 2 * MAX_DURATION_MS;
const MAX_INT_32 = 2n ** 31n - 1n;
const MAX_INT_64 = 2n ** 63n - 1n;
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
  encoded[names.dueAt] = String(where.dueAt);
  encoded[names.topic] = origin.topic;
  encoded[names.partition] = String(origin.partition);
  encoded[names.offset] = origin.position;
  encoded[names.timestamp] = String(origin.timestamp);
  return {
    key: record.key,
    value: record.value,
    headers: encoded,
    partition: origin.partition % Math.max(1, where.partitions),
  };
}

/** When a parked record may be handed over; at once, where it does not say, or says more than any delay could be. */
export function dueAtOf({ headers }: FetchedRecord): number {
  const dueAt = Number(textOf(headers, names.dueAt));
  return dueAt <= Date.now() + LATEST_MS ? dueAt : 0;
}

/** Where a parked record came from. What others wrote there and is no place is where it is now. */
export function originOf({ headers, timestamp, offset }: FetchedRecord, topic: string, partition: number): Origin {
  const former = textOf(headers, names.partition);
  const position = textOf(headers, names.offset);
  const time = textOf(headers, names.timestamp);
  return {
    topic: textOf(headers, names.topic) ?? topic,
    partition: isNumber(former, 0n, MAX_INT_32) ? Number(former) : partition,
    position: isNumber(position, 0n, MAX_INT_64) ? position : offset,
    timestamp: isNumber(time, -MAX_INT_64, MAX_INT_64) ? time : timestamp,
  };
}

function isNumber(text: string | undefined, least: bigint, most: bigint): text is string {
  return text !== undefined && /^-?\d{1,19}$/.test(text) && BigInt(text) >= least && BigInt(text) <= most;
}

/** The record without what was added to park it. */
export function unparked(record: FetchedRecord): FetchedRecord {
  const headers = Object.entries(record.headers ?? {}).filter(([name]) => !ownNames.has(name));
  const { offset, key, value, timestamp } = record;
  return { offset, key, value, timestamp, headers: Object.fromEntries(headers) };
}

function textOf(headers: RawHeaders | undefined, name: string): string | undefined {
  const value = lastOf(headers?.[name]);
  return value === undefined || value === null ? undefined : Buffer.from(value).toString();
}
