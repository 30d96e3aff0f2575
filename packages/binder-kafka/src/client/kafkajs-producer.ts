import { finishedWithin } from '@millrace/core/spi';
import type { CompressionTypes, Producer } from 'kafkajs';
import { grouped } from '../grouped';
import { isPassing, typeOf, worstOf } from '../kafka-errors';
import type { ProducerPort, ProducerPortOptions, RecordToSend, Written } from '../kafka-port';
import { KafkaSockets } from './kafka-sockets';
import { keepingPartitioner, sendAll } from './kafkajs-messages';
import { CLOSE_LIMIT_MS, type ClientOptions, compressionTypes, type NewClient, retryOf } from './kafkajs-settings';
import { pauseBetween } from './pause-between';
import { Unanswered } from './unanswered';
import { writeBatchesWhole } from './whole-batches';

/** A partition may be without a leader for about so long after a broker has died. */
const ELECTION_MS = 10_000;

/**
 * kafkajs repeats a whole request while one partition of it is refused, and does not tell of those that were written: each time
 * they are written once more. So what is refused is repeated here, and each partition for itself. An idempotent client has to
 * repeat the very same request, and the broker drops what it has.
 */
export class KafkajsProducer implements ProducerPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  readonly #compression: CompressionTypes;
  readonly #unanswered = new Unanswered();
  readonly #options: ClientOptions;
  readonly #retries: number;
  readonly #closing = new AbortController();

  constructor(client: NewClient, options: ClientOptions, wanted: ProducerPortOptions) {
    const { retry, requestTimeout, metadataMaxAge } = options;
    this.#options = options;
    this.#retries = wanted.idempotent ? 0 : retry.retries;
    // Only within one call kafkajs remembers which brokers have answered: a second call would number the same records anew.
    const retriesFor = (ms: number): number =>
      wanted.idempotent ? Math.max(retry.retries, Math.ceil(ms / Math.max(1, retry.max))) : retry.retries;
    this.#timeout = requestTimeout;
    this.#compression = compressionTypes[wanted.compression];
    this.#producer = writeBatchesWhole(client(this.#sockets, retriesFor(ELECTION_MS))).producer({
      createPartitioner: keepingPartitioner(wanted.routes),
      allowAutoTopicCreation: false,
      idempotent: wanted.idempotent,
      metadataMaxAge,
      retry: retryOf(options, wanted.idempotent ? retriesFor(wanted.sendTimeout) : 0),
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  send(topic: string, records: readonly RecordToSend[], written: Written = () => undefined): Promise<void> {
    return this.#unanswered.add(this.#send(topic, records, written, 0));
  }

  dropConnections(): void {
    this.#sockets.drop();
  }

  async disconnect(): Promise<void> {
    this.#closing.abort();
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
    this.#unanswered.reject();
  }

  async #send(topic: string, records: readonly RecordToSend[], written: Written, tried: number): Promise<void> {
    const manner = { timeout: this.#timeout, compression: this.#compression };
    try {
      await sendAll((request) => this.#producer.send(request), topic, records, manner);
    } catch (error) {
      if (tried >= this.#retries || !isPassing(error)) throw error;
      await pauseBetween(this.#options, tried, this.#closing.signal);
      if (this.#closing.signal.aborted) throw error;
      // Without an answer nothing is known of any of them: they stay together.
      const parts =
        typeOf(error) === undefined ? [records] : [...grouped(records, ({ partition }) => partition).values()];
      const ends = await Promise.allSettled(
        parts.map(async (part) => {
          await this.#send(topic, part, written, tried + 1);
          // Of all at once the caller hears when this resolves.
          if (parts.length > 1) written(part);
        }),
      );
      const faults = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
      if (faults.length > 0) throw worstOf(faults);
    }
  }
}
