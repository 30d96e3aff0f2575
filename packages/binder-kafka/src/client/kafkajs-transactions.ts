import { setTimeout as sleep } from 'node:timers/promises';
import { finishedWithin } from '@millrace/core/spi';
import type { Producer, Transaction } from 'kafkajs';
import type { Compression, Position, RecordToSend, TransactionPort, TransactionPortOptions } from '../kafka-port';
import { KafkaRoutes } from './kafka-routes';
import { KafkaSockets } from './kafka-sockets';
import { keepingPartitioner, sendAll } from './kafkajs-messages';
import { CLOSE_LIMIT_MS, type ClientOptions, compressionTypes, type NewClient, retryOf } from './kafkajs-settings';
import { writeBatchesWhole } from './whole-batches';

const ENDING_PAUSE_MS = 5;
const ENDING_LIMIT_MS = 10_000;

/**
 * kafkajs asks for its producer id but once, is stuck after a commit or an abort that failed, and does not wait for the end of
 * the transaction before when it adds positions: so a client is thrown away after any failure, and that wait is here.
 */
export class KafkajsTransactions implements TransactionPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  #current: Transaction | undefined;

  constructor(client: NewClient, options: ClientOptions, { transactionalId, timeout }: TransactionPortOptions) {
    this.#timeout = options.requestTimeout;
    this.#producer = writeBatchesWhole(client(this.#sockets)).producer({
      createPartitioner: keepingPartitioner(new KafkaRoutes()),
      allowAutoTopicCreation: false,
      transactionalId,
      transactionTimeout: timeout,
      metadataMaxAge: options.metadataMaxAge,
      retry: retryOf(options, options.retry.retries),
    });
  }

  async open(): Promise<void> {
    await this.#producer.connect();
    // Nothing of it is known to the broker before its first record, only the id is taken.
    this.#current = await this.#producer.transaction();
  }

  async position(group: string, { topic, partition, offset }: Position): Promise<void> {
    const transaction = await this.#begun();
    const offsets = { consumerGroupId: group, topics: [{ topic, partitions: [{ partition, offset }] }] };
    const deadline = Date.now() + ENDING_LIMIT_MS;
    for (;;) {
      try {
        return await transaction.sendOffsets(offsets);
      } catch (error) {
        // Its markers are still being written: the transaction before is decided, not ended.
        if ((error as { type?: unknown }).type !== 'CONCURRENT_TRANSACTIONS' || Date.now() > deadline) throw error;
        await sleep(ENDING_PAUSE_MS);
      }
    }
  }

  async send(topic: string, records: readonly RecordToSend[], compression: Compression): Promise<void> {
    const transaction = await this.#begun();
    const manner = { timeout: this.#timeout, compression: compressionTypes[compression] };
    await sendAll((request) => transaction.send(request), topic, records, manner);
  }

  async commit(): Promise<void> {
    const transaction = await this.#begun();
    await transaction.commit();
    this.#current = undefined;
  }

  async abort(): Promise<void> {
    const transaction = await this.#begun();
    await transaction.abort();
    this.#current = undefined;
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
  }

  async #begun(): Promise<Transaction> {
    this.#current ??= await this.#producer.transaction();
    return this.#current;
  }
}
