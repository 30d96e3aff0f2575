import { MillraceError } from '@millrace/core/spi';
import { isConnectionTrouble, sendFailed, typeOf } from '../kafka-errors';
import type { ProducerPort, RecordToSend } from '../kafka-port';
import { BATCH_OVERHEAD, sizeOf } from '../wire/kafka-record';
import { Batches, type BatchLimits, type Waiting } from './kafka-batches';
import { Quota } from './kafka-quota';

export interface WriterOptions {
  readonly newProducer: () => ProducerPort;
  readonly limits: BatchLimits;
  readonly maxInFlight: { readonly records: number; readonly bytes: number };
  readonly isCompressed: boolean;
  readonly isIdempotent: boolean;
  /** The topic's max.message.bytes, where it is known. */
  readonly limitOf: (topic: string) => number | undefined;
  /** Called when the broker does not know the topic (any more); resolves when it does again. */
  readonly provision: (topic: string) => Promise<void>;
  readonly report: (trouble: Error | undefined) => void;
}

/**
 * Writes records to topics: coalesced, bounded, in order for each topic, each with its own outcome. The client is connected
 * when first needed and replaced after trouble with its connection, because kafkajs keeps half-open ones.
 */
export class KafkaWriter {
  readonly #options: WriterOptions;
  readonly #quota: Quota;
  readonly #topics = new Map<string, Batches<RecordToSend>>();
  #producer: Promise<ProducerPort> | undefined;
  #inTrouble = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#quota = new Quota(options.maxInFlight.records, options.maxInFlight.bytes);
  }

  /** Resolves when the client is connected. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /** Resolves when the broker has the record. @throws MillraceError SEND_FAILED, PAYLOAD_TOO_LARGE */
  async send(topic: string, record: RecordToSend): Promise<void> {
    const size = sizeOf(record);
    this.#checkSize(topic, record);
    const room = this.#quota.take(size);
    if (room !== undefined) await room;
    try {
      await new Promise<void>((resolve, reject) => this.#batches(topic).add({ item: record, size, resolve, reject }));
    } finally {
      this.#quota.release(size);
    }
  }

  /** Waits for all that was sent, then disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.#topics.values()].map((batches) => batches.idle()));
    await this.#renew();
  }

  /** Disconnects at once; what is under way is rejected. */
  abandon(): Promise<void> {
    return this.#renew();
  }

  #batches(topic: string): Batches<RecordToSend> {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const batches = new Batches<RecordToSend>(
      () => this.#limits(topic),
      (batch) => this.#transmit(topic, batch),
    );
    this.#topics.set(topic, batches);
    return batches;
  }

  /** A request never holds more for one partition than the broker takes at once. */
  #limits(topic: string): BatchLimits {
    const { limits, limitOf } = this.#options;
    const limit = limitOf(topic);
    return limit === undefined ? limits : { ...limits, bytes: Math.min(limits.bytes, limit - BATCH_OVERHEAD) };
  }

  /** Only what is surely too large: the exact size is the broker's to know, which then refuses this record alone. */
  #checkSize(topic: string, { key, value }: RecordToSend): void {
    const limit = this.#options.limitOf(topic);
    const least = (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
    if (this.#options.isCompressed || limit === undefined || least <= limit) return;
    throw new MillraceError(
      'PAYLOAD_TOO_LARGE',
      `${least} bytes for topic ${topic}, which takes ${limit} (max.message.bytes): send less, or raise it`,
    );
  }

  async #transmit(topic: string, batch: readonly Waiting<RecordToSend>[]): Promise<void> {
    const failure = await this.#tryToSend(topic, batch, true);
    if (failure === undefined) {
      for (const { resolve } of batch) resolve();
      this.#tell(undefined);
      return;
    }
    if (batch.length > 1 && isTooLarge(failure)) {
      // One of them is too large, or all together are: each goes alone, in order, and has its own outcome.
      for (const each of batch) await this.#transmit(topic, [each]);
      return;
    }
    const error = sendFailed(topic, failure);
    for (const { reject } of batch) reject(error);
    if (!isTooLarge(failure)) this.#tell(error);
  }

  async #tryToSend(topic: string, batch: readonly Waiting<RecordToSend>[], mayRepeat: boolean): Promise<unknown> {
    const { isIdempotent, provision } = this.#options;
    try {
      const producer = await this.#connected();
      await producer.send(
        topic,
        batch.map(({ item }) => item),
      );
      return undefined;
    } catch (failure) {
      const isUnknown = typeOf(failure) === 'UNKNOWN_TOPIC_OR_PARTITION';
      // An idempotent producer that has given a request up has a gap in its numbers (trap 13): a new one has none.
      if (isUnknown || isIdempotent || isConnectionTrouble(failure)) void this.#renew();
      if (!isUnknown || !mayRepeat) return failure ?? new Error('the client failed without a reason');
      try {
        await provision(topic);
      } catch {
        return failure;
      }
      return this.#tryToSend(topic, batch, false);
    }
  }

  #connected(): Promise<ProducerPort> {
    if (this.#producer !== undefined) return this.#producer;
    const connecting = connect(this.#options.newProducer());
    this.#producer = connecting;
    connecting.catch(() => {
      if (this.#producer === connecting) this.#producer = undefined;
    });
    return connecting;
  }

  async #renew(): Promise<void> {
    const producer = this.#producer;
    this.#producer = undefined;
    await (await producer?.catch(() => undefined))?.disconnect();
  }

  #tell(trouble: Error | undefined): void {
    if (trouble === undefined && !this.#inTrouble) return;
    this.#inTrouble = trouble !== undefined;
    this.#options.report(trouble);
  }
}

function isTooLarge(failure: unknown): boolean {
  const type = typeOf(failure);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

async function connect(producer: ProducerPort): Promise<ProducerPort> {
  try {
    await producer.connect();
    return producer;
  } catch (error) {
    await producer.disconnect();
    throw error;
  }
}
