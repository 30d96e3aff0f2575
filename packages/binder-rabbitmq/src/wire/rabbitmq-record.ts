import { type InboundRecord, type MessageHeaders, MillraceError, type OutboundRecord } from '@millrace/core/spi';
import { unparked } from '../failed/rabbitmq-retry-queues';
import type { ConsumerQueue } from '../provisioning/rabbitmq-topology';
import type { HeaderMode } from '../rabbitmq-options';
import {
  type DeliveredMessage,
  type FieldTable,
  type FieldValue,
  type MessageProperties,
  type MessageToPublish,
  UNREADABLE_HEADERS,
} from '../rabbitmq-port';
import { bytesOf, own, sizeOfTable } from './rabbitmq-field-table';
import { decodeHeaders, encodeHeaders, tableNames } from './rabbitmq-headers';
import { markWithSource } from './source-mark';
import { batchItems, compressionOf, decompress, isBatch, packingNames } from './spring-packing';

export const PERSISTENT = 2;
const TRANSIENT = 1;
/** Frames, method, and properties other than text: never less than the truth. */
const OVERHEAD_BYTES = 128;

export interface OutboundOptions {
  readonly exchange: string;
  readonly routingKeyOf: (record: OutboundRecord) => string;
  readonly mode: HeaderMode;
  readonly isPersistent: boolean;
  /** Milliseconds a queue may keep it. */
  readonly ttl: number | undefined;
}

/** The form in which a record goes out. @throws MillraceError HEADER_INVALID, SEND_FAILED where it has no routing key */
export function messageToPublish(record: OutboundRecord, options: OutboundOptions): MessageToPublish {
  const { payload, key, timestamp } = record;
  const { mode, ttl } = options;
  const { contentType, messageId, priority, headers } = encodeHeaders(record.headers, mode);
  const table = headers as Record<string, FieldValue>;
  const time = timestamp?.getTime();
  if (mode !== 'none') {
    if (key !== undefined) table[tableNames.key] = key;
    if (time !== undefined) table[tableNames.timestamp] = time;
  }
  return {
    exchange: options.exchange,
    routingKey: options.routingKeyOf(record),
    body: payload === null ? Buffer.alloc(0) : bytesOf(payload),
    properties: {
      contentType,
      messageId,
      priority,
      headers,
      deliveryMode: options.isPersistent ? PERSISTENT : TRANSIENT,
      timestamp: time === undefined || time < 0 ? undefined : Math.floor(time / 1_000),
      expiration: ttl === undefined ? undefined : String(ttl),
    },
  };
}

/** Bytes it takes on the wire, rounded up. */
export function sizeOf({ exchange, routingKey, body, properties }: MessageToPublish): number {
  return OVERHEAD_BYTES + 3 * (exchange.length + routingKey.length) + sizeOfProperties(properties) + body.byteLength;
}

/** Bytes of the frame that holds the headers, rounded up. */
export function sizeOfProperties(properties: MessageProperties): number {
  const { headers, contentType, contentEncoding, correlationId, replyTo } = properties;
  const { expiration, messageId, type, userId, appId } = properties;
  // A character of UTF-16 takes three bytes at most.
  let characters = (contentType?.length ?? 0) + (contentEncoding?.length ?? 0) + (correlationId?.length ?? 0);
  characters += (replyTo?.length ?? 0) + (expiration?.length ?? 0) + (messageId?.length ?? 0);
  characters += (type?.length ?? 0) + (userId?.length ?? 0) + (appId?.length ?? 0);
  return OVERHEAD_BYTES + 3 * characters + (headers === undefined ? 0 : sizeOfTable(headers));
}

/** What became of one delivered message: as it came, and how it is read. */
export interface Source {
  /** With the exchange, routing key and headers it had before it was parked. */
  readonly message: DeliveredMessage;
  readonly queue: ConsumerQueue;
  /** Its place in a batch of Spring, and what it holds. */
  readonly item: { readonly index: number; readonly body: Buffer } | undefined;
  /** When a parked message may be handed over, in milliseconds; `undefined` for others. */
  readonly dueAt: number | undefined;
  /** Of the channel it came on: once that is gone, the broker gives the message to anybody. */
  readonly channel: { readonly isEnded: boolean } | undefined;
}

export interface InboundOptions {
  readonly mode: HeaderMode;
  readonly maxDecompressedBytes: number;
}

/** The records in a delivered message: one, or those of a batch of Spring. */
export function recordsOf(
  delivered: DeliveredMessage,
  queue: ConsumerQueue,
  options: InboundOptions,
  channel?: Source['channel'],
): readonly [RabbitmqDelivery, ...RabbitmqDelivery[]] {
  const parked = unparked(delivered);
  const source: Source = {
    message: parked?.message ?? delivered,
    queue,
    item: undefined,
    dueAt: parked?.dueAt,
    channel,
  };
  const { body, properties } = source.message;
  // Parked messages have headers of ours in any mode: attempts made, rungs used.
  const reading: InboundOptions = parked === undefined ? options : { ...options, mode: 'spring' };
  const single = new RabbitmqDelivery(source, reading);
  if (!isBatch(properties.headers)) return [single];
  let items: Buffer[];
  try {
    const compression = compressionOf(properties);
    items = batchItems(compression ? decompress(body, compression, options.maxDecompressedBytes) : body);
  } catch {
    // Its payload cannot be read, and says why when core tries.
    return [single];
  }
  const deliveries = items.map(
    (each, index) => new RabbitmqDelivery({ ...source, item: { index, body: each } }, reading),
  );
  return deliveries as [RabbitmqDelivery, ...RabbitmqDelivery[]];
}

/** A delivery. Headers are decoded, and the body is decompressed, when they are first read. */
export class RabbitmqDelivery implements InboundRecord {
  readonly source: Source;
  readonly #options: InboundOptions;
  #headers: MessageHeaders | undefined;
  #isReturned = false;
  #payload: Buffer | undefined;

  constructor(source: Source, options: InboundOptions) {
    this.source = source;
    this.#options = options;
  }

  /** The same with these headers, as it comes from a delay that was waited for in this process. */
  withHeaders(headers: MessageHeaders): RabbitmqDelivery {
    const changed = new RabbitmqDelivery({ ...this.source, dueAt: undefined }, this.#options);
    changed.#headers = headers;
    changed.#isReturned = true;
    markWithSource(headers, changed.source);
    return changed;
  }

  get isRecalled(): boolean {
    return this.source.channel?.isEnded ?? false;
  }

  get destination(): string {
    return this.source.queue.destination;
  }

  /** The queue's; in a queue for all partitions the one that the routing key names. */
  get partition(): number | undefined {
    const { queue, message } = this.source;
    return queue.partition ?? partitionIn(message.routingKey, queue.destination);
  }

  get key(): string | undefined {
    const key = own(this.#table, tableNames.key);
    return typeof key === 'string' ? key : undefined;
  }

  get timestamp(): Date | undefined {
    const { timestamp } = this.source.message.properties;
    const exact = own(this.#table, tableNames.timestamp);
    const time = typeof exact === 'number' ? exact : timestamp === undefined ? undefined : timestamp * 1_000;
    // Whatever others write there, it has to be a date.
    return time === undefined || Number.isNaN(new Date(time).getTime()) ? undefined : new Date(time);
  }

  /** Classic queues do not count. After a delay they count from 1 again: what was before stands in the headers. */
  get deliveries(): number {
    if (this.#isReturned) return 1;
    const before = own(this.source.message.properties.headers, tableNames.deliveryCount);
    return typeof before === 'number' && before > 0 ? before + 1 : 1;
  }

  /** @throws MillraceError PAYLOAD_UNDECODABLE, PAYLOAD_TOO_LARGE where the body cannot be unpacked */
  get payload(): Uint8Array {
    this.#payload ??= this.#unpacked();
    return this.#payload;
  }

  get headers(): MessageHeaders {
    if (this.#headers === undefined) {
      this.#headers = decodeHeaders(readable(this.source), this.#options.mode);
      markWithSource(this.#headers, this.source);
    }
    return this.#headers;
  }

  get #table(): FieldTable | undefined {
    return this.#options.mode === 'none' ? undefined : this.source.message.properties.headers;
  }

  #unpacked(): Buffer {
    const { item, message } = this.source;
    if (item !== undefined) return item.body;
    const unreadable = own(this.#table, UNREADABLE_HEADERS);
    if (unreadable !== undefined)
      throw new MillraceError('PAYLOAD_UNDECODABLE', `the header table of the message cannot be read: ${unreadable}`);
    const compression = compressionOf(message.properties);
    const body = compression ? decompress(message.body, compression, this.#options.maxDecompressedBytes) : message.body;
    // A batch whose items could be read has become those.
    if (isBatch(message.properties.headers)) batchItems(body);
    return body;
  }
}

/** Properties of the message as if it had been sent plainly: those of an item, not of its batch. */
export function readable({ message: { properties }, item }: Source): MessageProperties {
  const isPacked = compressionOf(properties) !== undefined;
  if (item === undefined && !isPacked) return properties;
  const headers = Object.entries(properties.headers ?? {}).filter(([name]) => !packing.has(name));
  const { contentEncoding: _, ...others } = properties;
  return {
    ...others,
    headers: Object.fromEntries(headers),
    ...(item !== undefined &&
      properties.messageId !== undefined && { messageId: `${properties.messageId}-${item.index}` }),
  };
}

const packing: ReadonlySet<string> = new Set(Object.values(packingNames));

function partitionIn(routingKey: string, destination: string): number | undefined {
  if (!routingKey.startsWith(destination)) return undefined;
  const suffix = /^-(\d{1,9})$/.exec(routingKey.slice(destination.length));
  return suffix === null ? undefined : Number(suffix[1]);
}
