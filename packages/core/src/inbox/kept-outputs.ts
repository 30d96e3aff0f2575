import type { OutboundRecord } from '../binder/record';
import type { HeaderValue, MessageHeaders } from '../message/headers';

/** A message that a handler has sent, encoded, on its way to the broker. */
export interface Output {
  readonly channel: string;
  readonly destination: string;
  readonly record: OutboundRecord;
}

/** JSON has no dates and no bytes: lists say by their first item what they stand for. */
type Written =
  | string
  | number
  | boolean
  | null
  | readonly ['date', number]
  | readonly ['bytes', string]
  | readonly ['list', ...unknown[]]
  | readonly ['object', ...(readonly [string, unknown])[]];

/** Text to be kept beside a mark; {@link readOutputs} reads it again, byte for byte. */
export function writeOutputs(outputs: readonly Output[]): string {
  return JSON.stringify(
    outputs.map(({ channel, destination, record: { payload, headers, key, partition, timestamp } }) => ({
      channel,
      destination,
      payload: payload && Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64'),
      headers: Object.entries(headers).map(([name, value]) => [name, written(value)]),
      key,
      partition,
      timestamp: timestamp?.getTime(),
    })),
  );
}

interface WrittenOutput {
  readonly channel: string;
  readonly destination: string;
  readonly payload: string | null;
  readonly headers: readonly (readonly [string, Written])[];
  readonly key?: string;
  readonly partition?: number;
  readonly timestamp?: number;
}

export function readOutputs(text: string): Output[] {
  return (JSON.parse(text) as WrittenOutput[]).map(({ channel, destination, payload, headers, ...rest }) => ({
    channel,
    destination,
    record: {
      payload: payload === null ? null : Uint8Array.from(Buffer.from(payload, 'base64')),
      headers: Object.freeze(Object.fromEntries(headers.map(([name, value]) => [name, read(value)]))) as MessageHeaders,
      key: rest.key,
      partition: rest.partition,
      timestamp: rest.timestamp === undefined ? undefined : new Date(rest.timestamp),
    },
  }));
}

function written(value: HeaderValue): Written {
  if (value instanceof Date) return ['date', value.getTime()];
  if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('base64')];
  if (Array.isArray(value)) return ['list', ...(value as HeaderValue[]).map(written)];
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null;
  const entries = Object.entries(value as { readonly [name: string]: HeaderValue });
  return ['object', ...entries.map(([name, each]) => [name, written(each)] as const)];
}

function read(value: Written): HeaderValue {
  if (typeof value !== 'object' || value === null) return value;
  const [kind, ...items] = value as [string, ...unknown[]];
  if (kind === 'date') return new Date(items[0] as number);
  if (kind === 'bytes') return Uint8Array.from(Buffer.from(items[0] as string, 'base64'));
  if (kind === 'list') return items.map((item) => read(item as Written));
  return Object.fromEntries((items as [string, Written][]).map(([name, each]) => [name, read(each)]));
}
