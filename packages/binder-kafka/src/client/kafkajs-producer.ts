import { type CompressionTypes, type Kafka, Partitioners, type Producer } from 'kafkajs';
import { finishedWithin } from '../finished-within';
import type { ProducerPort, ProducerPortOptions, RecordToSend } from '../kafka-port';
import { KafkaSockets } from './kafka-sockets';
import { CLOSE_LIMIT_MS, type ClientOptions, compressionTypes, retryOf } from './kafkajs-settings';

export class KafkajsProducer implements ProducerPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  readonly #compression: CompressionTypes;

  constructor(client: (sockets: KafkaSockets) => Kafka, options: ClientOptions, wanted: ProducerPortOptions) {
    this.#timeout = options.requestTimeout;
    this.#compression = compressionTypes[wanted.compression];
    this.#producer = client(this.#sockets).producer({
      // Named, or kafkajs warns of its change of default (trap 19); the same murmur2 as Java's.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: wanted.idempotent,
      metadataMaxAge: options.metadataMaxAge,
      retry: retryOf(options, options.retry.retries),
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  async send(topic: string, records: readonly RecordToSend[]): Promise<void> {
    const messages = records.map(({ key, value, headers, partition, timestamp }) => ({
      key,
      value,
      headers,
      ...(partition !== undefined && { partition }),
      ...(timestamp !== undefined && { timestamp }),
    }));
    const written = await this.#producer.send({
      topic,
      messages,
      acks: -1,
      timeout: this.#timeout,
      compression: this.#compression,
    });
    // kafkajs leaves out, without a word, what goes to a partition its metadata does not have.
    const partitions = new Set(written.map((each) => each.partition));
    const lost = records.find(({ partition }) => partition !== undefined && !partitions.has(partition));
    if (lost !== undefined)
      throw Object.assign(new Error(`no partition ${lost.partition}`), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
  }
}
