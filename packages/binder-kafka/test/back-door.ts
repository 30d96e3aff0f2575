import assert from 'node:assert/strict';
import { eventually, type ForeignRecord, type RawRecord } from '@millrace/binder-test-suite';
import { type Admin, type Consumer, type IHeaders, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { RawHeaders } from '../src/kafka-port';
import { encodeHeaders, HeaderReader, TYPES_HEADER } from '../src/wire/kafka-headers';

const TOPIC_WAIT_MS = 20_000;

type FoundRecord = RawRecord & { offset: string; raw: Record<string, unknown> };

/** Looks at a broker past the binder: what does a topic really hold? */
export class BackDoor {
  readonly #kafka: Kafka;
  /** What was found in each topic, and up to where. */
  readonly #seen = new Map<string, { readonly ends: string; readonly records: FoundRecord[] }>();
  #admin: Promise<Admin> | undefined;
  #producer: Promise<Producer> | undefined;
  #groups = 0;

  constructor(brokers: string[]) {
    this.#kafka = new Kafka({
      brokers,
      clientId: 'back-door',
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 100, retries: 12, maxRetryTime: 1_000, factor: 0.2, multiplier: 2 },
    });
  }

  async admin(): Promise<Admin> {
    this.#admin ??= (async () => {
      const admin = this.#kafka.admin();
      await admin.connect();
      return admin;
    })();
    return this.#admin;
  }

  /** Asks for this topic alone: a list of all is long where many tests share a broker. */
  async exists(topic: string): Promise<boolean> {
    try {
      await (await this.admin()).fetchTopicMetadata({ topics: [topic] });
      return true;
    } catch (error) {
      if ((error as { type?: unknown }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
      throw error;
    }
  }

  /** Everything the topic holds, in the order of each partition; without what was not committed, unless that is wanted. */
  async records(topic: string, { uncommitted = false } = {}): Promise<FoundRecord[]> {
    if (!(await this.exists(topic))) return [];
    const offsets = await this.#offsets(topic);
    const ends = offsets.map(({ partition, high }) => `${partition}:${high}`).join();
    const name = uncommitted ? `${topic} (uncommitted)` : topic;
    const seen = this.#seen.get(name);
    if (seen?.ends === ends) return [...seen.records];
    const records = await this.#read(topic, offsets, uncommitted);
    this.#seen.set(name, { ends, records });
    return [...records];
  }

  /** By a client of its own: calls of one client at the same time replace each other's knowledge of topics. */
  async #offsets(topic: string): Promise<{ partition: number; low: string; high: string }[]> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      return await admin.fetchTopicOffsets(topic);
    } finally {
      await admin.disconnect();
    }
  }

  async #read(
    topic: string,
    offsets: readonly { partition: number; low: string; high: string }[],
    readUncommitted: boolean,
  ): Promise<FoundRecord[]> {
    const missing = new Map(
      offsets.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    const found: FoundRecord[] = [];
    if (missing.size === 0) return found;
    this.#groups += 1;
    const consumer = this.#kafka.consumer({
      groupId: `back-door.${process.pid}.${Date.now()}.${this.#groups}`,
      maxWaitTimeInMs: 50,
      readUncommitted,
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await readAll(consumer, missing, (partition, message) =>
        found.push({
          payload: message.value,
          headers: new HeaderReader('spring').read(message.headers),
          key: message.key?.toString(),
          partition,
          offset: message.offset,
          raw: message.headers,
        }),
      );
    } finally {
      await consumer.disconnect();
    }
    return found.sort((a, b) => Number(a.partition) - Number(b.partition) || Number(a.offset) - Number(b.offset));
  }

  publish(topic: string, { payload, headers = {}, key }: ForeignRecord): Promise<void> {
    const encoded = encodeHeaders(headers, 'plain');
    const types = headers[TYPES_HEADER];
    if (typeof types === 'string') encoded[TYPES_HEADER] = Buffer.from(types);
    return this.publishRaw(topic, {
      key: key === undefined ? null : Buffer.from(key),
      value: Buffer.from(payload),
      headers: encoded,
    });
  }

  /** Headers as they are to stand on the wire. */
  async publishRaw(topic: string, { key, value, headers }: RawMessage): Promise<void> {
    if (!(await this.exists(topic))) {
      await (await this.admin()).createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: false });
      await eventually(async () => assert.ok(await this.exists(topic)), TOPIC_WAIT_MS);
    }
    this.#producer ??= (async () => {
      const producer = this.#kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      return producer;
    })();
    const producer = await this.#producer;
    await producer.send({ topic, messages: [{ key, value, headers: headers as IHeaders }] });
  }

  async close(): Promise<void> {
    await (await this.#producer)?.disconnect();
    await (await this.#admin)?.disconnect();
  }
}

interface RawMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: RawHeaders | undefined;
}

type Message = { offset: string; key: Buffer | null; value: Buffer | null; headers: Record<string, never> };

async function readAll(
  consumer: Consumer,
  missing: Map<number, bigint>,
  onMessage: (partition: number, message: Message) => void,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload: { error, restart } }) => {
      if (!restart) reject(error);
    });
    // Told also of batches that hold nothing but marks of transactions, which are not handed over.
    consumer.on('consumer.end_batch_process', ({ payload: { partition, lastOffset } }) => {
      const high = missing.get(partition);
      if (high !== undefined && BigInt(lastOffset) + 1n >= high) missing.delete(partition);
      if (missing.size === 0) resolve();
    });
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) onMessage(batch.partition, message as unknown as Message);
        },
      })
      .catch(reject);
  });
}
