import { type DeadLetter, deadLetterHeaders, deadLetterHeaderNames as names } from '@millrace/core/spi';
import type { Address } from '../provisioning/rabbitmq-group-queues';
import type { FieldTable, FieldValue, MessageProperties, MessageToPublish } from '../rabbitmq-port';
import { encodeLong, encodeNumber, own, sizeOfTable, sizeOfValue } from '../wire/rabbitmq-field-table';
import { encodeHeaders, rewrittenFields, rewrittenProperties, tableNames } from '../wire/rabbitmq-headers';
import { PERSISTENT, readable, type Source, sizeOfProperties } from '../wire/rabbitmq-record';

/** amqplib writes a header table into a buffer of this size, whatever frames are agreed upon (trap 15). */
const LARGEST_TABLE = 64 * 1024;
/** Names of headers that did not fit. */
const LEFT_OUT = 'millrace_headersLeftOut';
/** Spring's names of where it was; ours beside them are those of every binder. */
const ORIGINAL_EXCHANGE = 'x-original-exchange';
const ORIGINAL_ROUTING_KEY = 'x-original-routingKey';

/**
 * The message as Spring Cloud Stream republishes it: same body and properties, the reason among the headers. The reason of an earlier dead letter is replaced.
 *
 * @param source the message as it was delivered; `undefined` where core hands back a record that was none of this binding's
 * @param frameMax bytes of a frame: headers have to fit into one, so the stack is cut, and after it the largest headers go
 */
export function deadLetterMessage(
  letter: DeadLetter,
  source: Source | undefined,
  to: Address,
  frameMax: number,
): MessageToPublish {
  const { record } = letter;
  const original = source === undefined ? encodeHeaders(record.headers, 'spring') : propertiesOf(source);
  const { headers, ...properties } = original;
  const others = sizeOfProperties({ ...properties, headers: undefined });
  const reason = reasonOf(letter, source);
  return {
    exchange: to.exchange,
    routingKey: to.routingKey,
    body: source === undefined ? Buffer.from(record.payload ?? []) : (source.item?.body ?? source.message.body),
    properties: {
      ...properties,
      deliveryMode: PERSISTENT,
      headers: fitted(headers ?? {}, reason, Math.min(LARGEST_TABLE, frameMax - others)),
    },
  };
}

/** Those of an item, not of its batch. A body that could not be unpacked stays packed. */
function propertiesOf(source: Source): MessageProperties {
  const properties = source.item === undefined ? source.message.properties : readable(source);
  return { ...rewrittenProperties(properties), headers: rewrittenFields(properties.headers) };
}

function reasonOf(letter: DeadLetter, source: Source | undefined): Record<string, FieldValue> {
  const { destination, partition, position, timestamp, deliveries } = letter.record;
  const place = { destination, partition, position, timestamp, deliveries, payload: null, headers: {} };
  const reason: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(deadLetterHeaders({ ...letter, record: place })))
    reason[name] = typeof value === 'number' ? encodeNumber(value) : (value as FieldValue);
  if (source === undefined) return reason;
  const { exchange, routingKey, properties } = source.message;
  reason[ORIGINAL_EXCHANGE] = exchange;
  reason[ORIGINAL_ROUTING_KEY] = routingKey;
  reason[tableNames.retryCount] = encodeLong(timesBefore(properties.headers) + 1);
  return reason;
}

/** How often it was in the dead letters before, by its own account or, where it has none, by the broker's. */
function timesBefore(table: FieldTable | undefined): number {
  const count = own(table, tableNames.retryCount);
  if (typeof count === 'number') return count;
  const deaths = own(table, 'x-death');
  const [death] = Array.isArray(deaths) ? deaths : [];
  const times = typeof death === 'object' && death !== null ? own(death as FieldTable, 'count') : undefined;
  return typeof times === 'number' ? times : 0;
}

/** Original headers and reason in no more than `limit` bytes. */
function fitted(original: FieldTable, reason: Record<string, FieldValue>, limit: number): FieldTable {
  const kept: Record<string, FieldValue | undefined> = { ...original };
  // What is not given now was said of an earlier dead letter.
  for (const name of Object.values(names)) delete kept[name];
  const { [names.errorStack]: stack, ...short } = reason;
  let room = limit - sizeOfTable({ ...kept, ...short });
  const leftOut: string[] = [];
  const bySize = Object.keys(kept).sort((a, b) => sizeOf(kept, b) - sizeOf(kept, a));
  for (const name of room < 0 ? bySize : []) {
    if (room >= sizeOfValue(leftOut) + LEFT_OUT.length + 1) break;
    room += sizeOf(kept, name) + 1 + Buffer.byteLength(name);
    delete kept[name];
    leftOut.push(name);
  }
  const table: Record<string, FieldValue | undefined> = { ...kept, ...short };
  if (leftOut.length > 0) table[LEFT_OUT] = leftOut;
  const fits = cut(String(stack ?? ''), limit - sizeOfTable(table) - names.errorStack.length - 6);
  if (fits !== '') table[names.errorStack] = fits;
  return table;
}

function sizeOf(table: Readonly<Record<string, FieldValue | undefined>>, name: string): number {
  return sizeOfValue(table[name] ?? null);
}

/** The beginning of a text, in no more bytes, and no half character at its end. */
function cut(text: string, bytes: number): string {
  if (bytes <= 0) return '';
  const encoded = Buffer.from(text);
  if (encoded.byteLength <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((encoded[end] as number) & 0xc0) === 0x80) end -= 1;
  return encoded.toString('utf8', 0, end);
}
