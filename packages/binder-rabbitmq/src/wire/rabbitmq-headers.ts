import { type HeaderValue, headerNames, type MessageHeaders, MillraceError } from '@millrace/core/spi';
import type { HeaderMode } from '../rabbitmq-options';
import type { FieldTable, FieldValue, MessageProperties } from '../rabbitmq-port';
import {
  decodeValue,
  encodeLong,
  encodeNumber,
  encodeValue,
  type Milliseconds,
  own,
  pathOf,
  put,
  rewritten,
  tableOf,
} from './rabbitmq-field-table';

/** In the header table of our messages, and not among the headers an application sees. */
export const tableNames = Object.freeze({
  /** Key of the message, for which AMQP has no field. */
  key: 'millrace_key',
  /** Milliseconds of dates, by name and path: AMQP counts whole seconds. */
  milliseconds: 'millrace_milliseconds',
  /** When the message was made, in milliseconds; RabbitMQ's own interceptor for timestamps writes the same. */
  timestamp: 'timestamp_in_ms',
  /** How often it was republished to the dead letters. Spring shows it as `amqp_retryCount`. */
  retryCount: 'retry-count',
  /** How often a quorum queue has delivered it before. */
  deliveryCount: 'x-delivery-count',
});

/** Added by a broker that dead-letters a message. */
export const deathNames: ReadonlySet<string> = new Set([
  'x-death',
  ...['first', 'last'].flatMap((turn) => ['exchange', 'queue', 'reason'].map((fact) => `x-${turn}-death-${fact}`)),
]);

/** Lists of further routing keys: a message with these is routed there too, wherever it is published. */
const routing: ReadonlySet<string> = new Set(['CC', 'BCC']);
/** Of the queue it was delivered from. */
const ofDelivery: ReadonlySet<string> = new Set([tableNames.deliveryCount, 'x-acquired-count']);
const carried = [tableNames.key, tableNames.timestamp, tableNames.retryCount] as const;
const hidden: ReadonlySet<string> = new Set([...carried, tableNames.milliseconds, ...routing, ...ofDelivery]);

const AMQP_PREFIX = 'amqp_';
/** Properties without a name among the headers, shown under Spring's. Reserved, so they are not forwarded. */
const shown = {
  contentEncoding: 'amqp_contentEncoding',
  correlationId: 'amqp_correlationId',
  replyTo: 'amqp_replyTo',
  expiration: 'amqp_expiration',
  type: 'amqp_type',
  userId: 'amqp_userId',
  appId: 'amqp_appId',
} as const;

const shownEntries = Object.entries(shown) as [keyof typeof shown, string][];

const HIGHEST_PRIORITY = 255;
/** Of names and properties: a short string of AMQP. */
const LONGEST_SHORT = 255;

/** Headers in the form of AMQP. */
export interface EncodedHeaders {
  readonly contentType: string | undefined;
  readonly messageId: string | undefined;
  readonly priority: number;
  readonly headers: FieldTable;
}

/**
 * Headers as Spring Cloud Stream writes them: content type, id and priority are properties, the rest is the header table with
 * native types. What belongs to another delivery (`amqp_…`) is left out.
 *
 * @throws MillraceError HEADER_INVALID for a name longer than AMQP's 255 bytes, and for CC and BCC
 */
export function encodeHeaders(headers: MessageHeaders, mode: HeaderMode): EncodedHeaders {
  const table: Record<string, FieldValue> = {};
  const encoded: { -readonly [Name in keyof EncodedHeaders]: EncodedHeaders[Name] } = {
    contentType: undefined,
    messageId: undefined,
    priority: 0,
    headers: table,
  };
  let milliseconds: Milliseconds | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (name === headerNames.contentType && isShortText(value)) encoded.contentType = value;
    else if (name === headerNames.id && isShortText(value)) encoded.messageId = value;
    else if (name === 'priority' && isPriority(value)) encoded.priority = value;
    else if (routing.has(name)) throw refused(`header '${name}'`, 'the broker takes it for routing keys');
    else if (mode !== 'none' && !name.startsWith(AMQP_PREFIX)) {
      if (!isShort(name)) throw refused(`the header '${name.slice(0, 40)}…'`, 'AMQP takes names of 255 bytes');
      if (typeof value === 'string') put(table, name, value);
      else {
        milliseconds ??= {};
        put(table, name, fieldOf(name, value, mode, milliseconds));
      }
    }
  }
  if (milliseconds !== undefined && Object.keys(milliseconds).length > 0)
    table[tableNames.milliseconds] = longNumbers(milliseconds);
  return encoded;
}

/**
 * Reads what Spring, Millrace or anybody else wrote. A `contentType` in the table wins over the property, as in Spring. What is
 * not there is left out: a foreign message without content type is read as its binding says.
 */
export function decodeHeaders(properties: MessageProperties, mode: HeaderMode): MessageHeaders {
  const headers: Record<string, HeaderValue> = {};
  const { contentType, messageId, priority, correlationId } = properties;
  if (contentType !== undefined) headers[headerNames.contentType] = contentType;
  if (messageId !== undefined) headers[headerNames.id] = messageId;
  if (correlationId !== undefined) headers[headerNames.correlationId] = correlationId;
  // 0 stands for none: Spring writes it into every message.
  if (priority !== undefined && priority !== 0) headers.priority = priority;
  for (const [property, name] of shownEntries) {
    const value = properties[property];
    if (value !== undefined) headers[name] = value;
  }
  const table = properties.headers;
  if (mode === 'none' || table === undefined) return Object.freeze(headers);
  const retries = own(table, tableNames.retryCount);
  if (typeof retries === 'number') headers.amqp_retryCount = retries;
  const milliseconds = tableOf(own(table, tableNames.milliseconds));
  for (const name of Object.keys(table)) {
    const value = table[name];
    if (value === undefined || hidden.has(name)) continue;
    put(headers, name, typeof value === 'string' ? value : decodeValue(value, pathOf(name), milliseconds));
  }
  return Object.freeze(headers);
}

/** Fields of a delivered message that are not among its headers, and go with it wherever it is put. */
export function carriedFields(table: FieldTable | undefined): FieldTable {
  const fields: Record<string, FieldValue> = {};
  for (const name of carried) {
    const value = own(table, name);
    if (value !== undefined) fields[name] = rewritten(value);
  }
  return fields;
}

/**
 * Properties of a delivered message, but for its headers, as they can be published again. The user was checked against the
 * connection of the sender, the time to live has ended with the delivery, and a time may be more than amqplib can write.
 */
export function rewrittenProperties(properties: MessageProperties): MessageProperties {
  const { userId: _user, expiration: _expiration, headers: _headers, timestamp, ...kept } = properties;
  return Number.isSafeInteger(timestamp) ? { ...kept, timestamp } : kept;
}

/** The header table of a delivered message as it can be published again, elsewhere. */
export function rewrittenFields(table: FieldTable | undefined): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const name of Object.keys(table ?? {})) {
    const value = table?.[name];
    if (value !== undefined && !routing.has(name) && !ofDelivery.has(name))
      put(fields, name, rewritten(value, deathNames.has(name) ? encodeLong : encodeNumber));
  }
  return fields;
}

function fieldOf(name: string, value: HeaderValue, mode: HeaderMode, milliseconds: Milliseconds): FieldValue {
  if (mode === 'plain' && !(value instanceof Uint8Array)) return textOf(value);
  return encodeValue(value, pathOf(name), milliseconds);
}

function textOf(value: HeaderValue): string {
  return value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

function longNumbers(numbers: Readonly<Record<string, number>>): FieldValue {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { '!': 'int32', value }]));
}

function isPriority(value: HeaderValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= HIGHEST_PRIORITY;
}

/** What is longer than a short string of AMQP is no property: it stands in the table, where it is read as well. */
function isShortText(value: HeaderValue): value is string {
  return typeof value === 'string' && isShort(value);
}

function isShort(text: string): boolean {
  return text.length * 3 <= LONGEST_SHORT || Buffer.byteLength(text) <= LONGEST_SHORT;
}

function refused(what: string, problem: string): MillraceError {
  return new MillraceError('HEADER_INVALID', `${what}: ${problem}. Nothing was sent`);
}
