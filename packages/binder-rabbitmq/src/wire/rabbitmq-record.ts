import type { InboundRecord, MessageHeaders, OutboundRecord } from '@millrace/core/spi';
import { unparked } from '../failed/rabbitmq-retry-queues';
import type { ConsumerQueue } from '../provisioning/rabbitmq-topology';
import type { HeaderMode } from '../rabbitmq-options';
import type { DeliveredMessage, FieldTable, FieldValue, MessageProperties, MessageToPublish } from '../rabbitmq-port';
import { own, sizeOfTable } from './rabbitmq-field-table';
import { decodeHeaders, encodeHeaders, tableNames } from './rabbitmq-headers';
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
  const properties = encodeHeaders(record.headers, mode);
  const table = properties.headers as Record<string, FieldValue>;
  const time = timestamp?.getTime();
  if (mode !== 'none') {
    if (key !== undefined) table[tableNames.key] = key;
    if (time !== undefined) table[tableNames.timestamp] = { '!': 'int64', value: time };
  }
  return {
    exchange: options.exchange,
    routingKey: options.routingKeyOf(record),
    body: payload === null ? Buffer.alloc(0) : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    properties: {
      ...properties,
      deliveryMode: options.isPersistent ? PERSISTENT : TRANSIENT,
      timestamp: time === undefined ? undefined : Math.floor(time / 1_000),
      ...(ttl !== undefined && { expiration: String(ttl) }),
    },
  };
}

/** Bytes it takes on the wire, rounded up. */
export function sizeOf({ exchange, routingKey, body, properties }: MessageToPublish): number {
  return OVERHEAD_BYTES + 3 * (exchange.length + routingKey.length) + sizeOfProperties(properties) + body.byteLength;
}

/** Bytes of the frame that holds the headers, rounded up. */
export function sizeOfProperties({ headers, ...others }: MessageProperties): number {
  let size = OVERHEAD_BYTES + (headers === undefined ? 0 : sizeOfTable(headers));
  for (const value of Object.values(others)) size += typeof value === 'string' ? 1 + 3 * value.length : 9;
  return size;
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
}

export interface InboundOptions {
  readonly mode: HeaderMode;
  readonly maxDecompressedBytes: number;
  readonly sources: DeliverySources;
}

/** The records in a delivered message: one, or those of a batch of Spring. */
export function recordsOf(
  delivered: DeliveredMessage,
  queue: ConsumerQueue,
  options: InboundOptions,
): readonly [RabbitmqDelivery, ...RabbitmqDelivery[]] {
  const parked = unparked(delivered);
  const source: Source = { message: parked?.message ?? delivered, queue, item: undefined, dueAt: parked?.dueAt };
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
  #payload: Buffer | undefined;

  constructor(source: Source, options: InboundOptions) {
    this.source = source;
    this.#options = options;
  }

  /** The same with these headers, as it comes from a delay that was waited for in this process. */
  withHeaders(headers: MessageHeaders): RabbitmqDelivery {
    const changed = new RabbitmqDelivery({ ...this.source, dueAt: undefined }, this.#options);
    changed.#headers = headers;
    this.#options.sources.remember(headers, changed.source);
    return changed;
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

  /** Classic queues do not count. */
  get deliveries(): number {
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
      this.#options.sources.remember(this.#headers, this.source);
    }
    return this.#headers;
  }

  get #table(): FieldTable | undefined {
    return this.#options.mode === 'none' ? undefined : this.source.message.properties.headers;
  }

  #unpacked(): Buffer {
    const { item, message } = this.source;
    if (item !== undefined) return item.body;
    const compression = compressionOf(message.properties);
    const body = compression ? decompress(message.body, compression, this.#options.maxDecompressedBytes) : message.body;
    // A batch whose items could be read has become those.
    if (isBatch(message.properties.headers)) batchItems(body);
    return body;
  }
}

/**
 * Finds the message as it was delivered for what core hands back. Core may pass on copies of a delivery, but the headers in them
 * are the same object.
 */
export class DeliverySources {
  readonly #sources = new WeakMap<MessageHeaders, Source>();

  remember(headers: MessageHeaders, source: Source): void {
    this.#sources.set(headers, source);
  }

  of(headers: MessageHeaders): Source | undefined {
    return this.#sources.get(headers);
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
