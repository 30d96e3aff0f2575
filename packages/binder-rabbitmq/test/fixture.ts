import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeliveredMessage, FieldTable, FieldValue, MessageProperties } from '../src/rabbitmq-port';

interface Bytes {
  readonly hex: string;
  readonly utf8?: string;
}

/** A field as it was captured, with its type on the wire. */
interface Field {
  readonly type: string;
  readonly value: unknown;
}

interface Fixture {
  readonly topology: SpringTopology;
  readonly queues: readonly {
    readonly queue: string;
    readonly messages: readonly {
      readonly exchange: string;
      readonly routingKey: string;
      readonly properties: MessageProperties;
      readonly headers: Readonly<Record<string, Field>>;
      readonly body: Bytes;
    }[];
  }[];
}

/** What a real Spring Cloud Stream application had declared, as the management API tells it. */
export interface SpringTopology {
  readonly exchanges: readonly { readonly name: string }[];
  readonly queues: readonly { readonly name: string }[];
  readonly bindings: readonly { readonly source: string; readonly destination: string; readonly routingKey: string }[];
}

/** A message as it was delivered, and its header fields with their types. */
export interface SpringMessage extends DeliveredMessage {
  readonly typed: FieldTable;
}

export function springTopology(name: string): SpringTopology {
  return fixture(name).topology;
}

/** What a real Spring Cloud Stream application wrote, by queue. */
export function springMessages(name: string): Map<string, SpringMessage[]> {
  return new Map(
    fixture(name).queues.map(({ queue, messages }) => [
      queue,
      messages.map(({ exchange, routingKey, properties, headers, body }, index) => ({
        exchange,
        routingKey,
        tag: index + 1,
        redelivered: false,
        body: bytesOf(body),
        properties: { ...properties, headers: tableOf(headers, read) },
        typed: tableOf(headers, written),
      })),
    ]),
  );
}

/** What other clients sent to Spring's consumers. */
export interface ForeignCase {
  readonly id: string;
  readonly sent: {
    readonly contentType?: string;
    readonly contentEncoding?: string;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: string;
    readonly routingKey?: string;
    readonly via?: string;
  };
}

export function foreignCases(): readonly ForeignCase[] {
  return (fixture('foreign') as unknown as { cases: readonly ForeignCase[] }).cases;
}

function fixture(name: string): Fixture {
  return JSON.parse(readFileSync(join(__dirname, 'fixtures', `rabbit-${name}.json`), 'utf8')) as Fixture;
}

function tableOf(fields: Readonly<Record<string, Field>>, one: (field: Field) => FieldValue): FieldTable {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, one(field)]));
}

/** As amqplib gives it: numbers without their types. */
function read(field: Field): FieldValue {
  const value = written(field);
  const isNumber = typeof value === 'object' && value !== null && '!' in value && !/time|dec/.test(String(value['!']));
  if (isNumber) return Number((value as { value: unknown }).value);
  if (field.type === 'A') return (field.value as Field[]).map(read);
  return field.type === 'F' ? tableOf(field.value as Record<string, Field>, read) : value;
}

/** As amqplib has to be given it, so that it is the same on the wire. */
function written({ type, value }: Field): FieldValue {
  switch (type) {
    case 'S':
      return bytesOf(value as Bytes).toString();
    case 'x':
      return bytesOf(value as Bytes);
    case 'A':
      return (value as Field[]).map(written);
    case 'F':
      return tableOf(value as Record<string, Field>, written);
    case 'D': {
      const { scale, unscaled } = value as { scale: number; unscaled: number };
      return { '!': 'decimal', value: { places: scale, digits: unscaled } };
    }
    case 't':
      return value as boolean;
    default:
      return { '!': numberTypes[type] ?? 'object', value: Number(value) };
  }
}

const numberTypes = {
  b: 'int8',
  s: 'int16',
  I: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'float64',
  T: 'timestamp',
} as Readonly<Record<string, 'int8' | 'int16' | 'int32' | 'int64' | 'float64' | 'timestamp'>>;

function bytesOf({ hex }: Bytes): Buffer {
  return Buffer.from(hex, 'hex');
}
