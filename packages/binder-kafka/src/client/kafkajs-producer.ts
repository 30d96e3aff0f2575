import type { CompressionTypes, ICustomPartitioner, Producer } from 'kafkajs';
import { finishedWithin } from '../finished-within';
import type { ProducerPort, ProducerPortOptions, RecordRoutes, RecordToSend } from '../kafka-port';
import { KafkaSockets } from './kafka-sockets';
import { CLOSE_LIMIT_MS, type ClientOptions, compressionTypes, type NewClient, retryOf } from './kafkajs-settings';

/** A partition may be without a leader for about so long after a broker has died. */
const ELECTION_MS = 10_000;

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordToSend['headers'];
  readonly timestamp?: string;
  /** Chosen when the record is first sent, and then for good. */
  partition?: number;
}

export class KafkajsProducer implements ProducerPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  readonly #compression: CompressionTypes;

  constructor(client: NewClient, options: ClientOptions, wanted: ProducerPortOptions) {
    const { retry, requestTimeout, metadataMaxAge } = options;
    // Only within one call kafkajs remembers which brokers have answered: a second call would number the same records anew.
    const retriesFor = (ms: number): number =>
      wanted.idempotent ? Math.max(retry.retries, Math.ceil(ms / Math.max(1, retry.max))) : retry.retries;
    this.#timeout = requestTimeout;
    this.#compression = compressionTypes[wanted.compression];
    this.#producer = client(this.#sockets, retriesFor(ELECTION_MS)).producer({
      createPartitioner: keepingPartitioner(wanted.routes),
      allowAutoTopicCreation: false,
      idempotent: wanted.idempotent,
      metadataMaxAge,
      retry: retryOf(options, retriesFor(wanted.sendTimeout)),
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  async send(topic: string, records: readonly RecordToSend[]): Promise<void> {
    const messages = records.map(messageOf);
    const left = await this.#sendOnce(topic, messages);
    if (left.length === 0) return;
    const lost = await this.#sendOnce(topic, left);
    if (lost.length > 0)
      throw Object.assign(new Error(`no partition ${lost[0]?.partition}`), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  }

  dropConnections(): void {
    this.#sockets.drop();
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
  }

  /**
   * Those that were left out: kafkajs does so without a word with what goes to a partition that its metadata does not have, and
   * in a repeat with what a broker leads only since it has answered for others.
   */
  async #sendOnce(topic: string, messages: Message[]): Promise<Message[]> {
    const written = await this.#producer.send({
      topic,
      messages: messages as { value: Buffer | null }[],
      acks: -1,
      timeout: this.#timeout,
      compression: this.#compression,
    });
    const partitions = new Set(written.map((each) => each.partition));
    return messages.filter(({ partition }) => partition === undefined || !partitions.has(partition));
  }
}

function messageOf({ key, value, headers, partition, timestamp }: RecordToSend): Message {
  return {
    key,
    value,
    headers,
    ...(partition !== undefined && { partition }),
    ...(timestamp !== undefined && { timestamp }),
  };
}

/**
 * Learns where partitions are, and leaves records where they are: one without a key keeps the partition that it got by turns. In
 * a repeat kafkajs would give it another one, where it may have been written as well.
 */
function keepingPartitioner(routes: RecordRoutes): ICustomPartitioner {
  return () =>
    ({ topic, partitionMetadata, message }) => {
      routes.learn(topic, partitionMetadata);
      const kept: Message = message as Message;
      kept.partition ??= routes.partitionOf(topic, kept) ?? 0;
      return kept.partition;
    };
}
