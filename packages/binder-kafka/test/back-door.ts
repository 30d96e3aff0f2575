import type { ForeignRecord, RawRecord } from '@millrace/binder-test-suite';
import { type Admin, type Consumer, type IHeaders, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { RawHeaders } from '../src/kafka-port';
import { decodeHeaders, encodeHeaders, TYPES_HEADER } from '../src/wire/kafka-headers';

/** Looks at a broker past the binder: what does a topic really hold? */
export class BackDoor {
  readonly #kafka: Kafka;
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

  async exists(topic: string): Promise<boolean> {
    return (await (await this.admin()).listTopics()).includes(topic);
  }

  /** Everything the topic holds, in the order of each partition. */
  async records(topic: string): Promise<(RawRecord & { offset: string; raw: Record<string, unknown> })[]> {
    if (!(await this.exists(topic))) return [];
    const offsets = await (await this.admin()).fetchTopicOffsets(topic);
    const missing = new Map(
      offsets.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    const found: (RawRecord & { offset: string; raw: Record<string, unknown> })[] = [];
    if (missing.size === 0) return found;
    this.#groups += 1;
    const consumer = this.#kafka.consumer({
      groupId: `back-door.${process.pid}.${Date.now()}.${this.#groups}`,
      maxWaitTimeInMs: 50,
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await readAll(consumer, missing, (partition, message) =>
        found.push({
          payload: message.value,
          headers: decodeHeaders(message.headers, 'spring'),
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
    if (!(await this.exists(topic)))
      await (await this.admin()).createTopics({ topics: [{ topic, numPartitions: 4 }], waitForLeaders: true });
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
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    consumer
      .run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) onMessage(batch.partition, message as unknown as Message);
          const high = missing.get(batch.partition);
          if (high !== undefined && BigInt(batch.lastOffset()) + 1n >= high) missing.delete(batch.partition);
          if (missing.size === 0) resolve();
        },
      })
      .catch(reject);
  });
}
