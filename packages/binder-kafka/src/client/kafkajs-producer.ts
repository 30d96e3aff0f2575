import { finishedWithin } from '@millrace/core/spi';
import type { CompressionTypes, Producer } from 'kafkajs';
import type { ProducerPort, ProducerPortOptions, RecordToSend } from '../kafka-port';
import { KafkaSockets } from './kafka-sockets';
import { keepingPartitioner, sendAll } from './kafkajs-messages';
import { CLOSE_LIMIT_MS, type ClientOptions, compressionTypes, type NewClient, retryOf } from './kafkajs-settings';
import { Unanswered } from './unanswered';

/** A partition may be without a leader for about so long after a broker has died. */
const ELECTION_MS = 10_000;

export class KafkajsProducer implements ProducerPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  readonly #compression: CompressionTypes;
  readonly #unanswered = new Unanswered();

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

  send(topic: string, records: readonly RecordToSend[]): Promise<void> {
    const settings = { timeout: this.#timeout, compression: this.#compression };
    return this.#unanswered.add(sendAll((request) => this.#producer.send(request), topic, records, settings));
  }

  dropConnections(): void {
    this.#sockets.drop();
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
    this.#unanswered.reject();
  }
}
