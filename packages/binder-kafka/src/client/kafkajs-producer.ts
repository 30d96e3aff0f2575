import { finishedWithin } from '@millrace/core/spi';
import type { CompressionTypes, Producer } from 'kafkajs';
import type { ProducerPort, ProducerPortOptions, RecordToSend } from '../kafka-port';
import { KafkaSockets } from './kafka-sockets';
import { keepingPartitioner, sendAll } from './kafkajs-messages';
import { CLOSE_LIMIT_MS, type ClientOptions, compressionTypes, type NewClient, retryOf } from './kafkajs-settings';

/** A partition may be without a leader for about so long after a broker has died. */
const ELECTION_MS = 10_000;

export class KafkajsProducer implements ProducerPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  readonly #compression: CompressionTypes;
  /** What rejects the calls that are not answered. */
  readonly #unanswered = new Set<(error: Error) => void>();

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
    return this.#untilClosed(sendAll((request) => this.#producer.send(request), topic, records, settings));
  }

  dropConnections(): void {
    this.#sockets.drop();
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
    for (const reject of this.#unanswered) reject(new Error('the client is closed'));
  }

  /** A client whose sockets are gone goes on trying for seconds (trap 12): nobody has to wait for that. */
  #untilClosed(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#unanswered.add(reject);
      work.then(resolve, reject).finally(() => this.#unanswered.delete(reject));
    });
  }
}
