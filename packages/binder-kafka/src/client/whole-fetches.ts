import { CompressionCodecs, type CompressionTypes, type Kafka } from 'kafkajs';
import type { FetchedRecord } from '../kafka-port';
import { AbortedTransactions, batchesIn, type Decompress, FetchedBatch, OlderBatch } from './fetched-batch';
import { changeBrokers, exchanging, type KafkajsBroker } from './kafkajs-brokers';

interface FetchingBroker extends KafkajsBroker {
  fetch(wanted: object): Promise<object>;
}

/** A batch as kafkajs hands it over. */
export interface HandedBatch {
  readonly messages: readonly FetchedRecord[];
  /** What was asked for. A broker begins with the record batch that it is in. */
  readonly fetchedOffset: string;
}

/** Of the answer: others have another form. It is the latest that kafkajs knows, and brokers since 2.3 give it. */
const VERSION = 11;

/**
 * The client, whose fetched records are found here, and read when they are asked for. kafkajs makes a dozen objects of each record
 * at once, and computes its offset, three times, with BigInt; all of them live until the record is handled, and the garbage collector
 * moves them. Answers of other versions kafkajs reads by itself.
 */
export function readFetchesWhole<Client extends Pick<Kafka, 'consumer'>>(kafka: Client): Client {
  return changeBrokers(kafka, (broker: FetchingBroker) =>
    Object.assign(Object.create(broker), { fetch: (wanted: object) => fetch(broker, wanted) }),
  );
}

function fetch(broker: FetchingBroker, wanted: object): Promise<object> {
  const fetching = exchanging(broker, (exchange) => {
    const { request, response } = exchange;
    if (request.apiVersion !== VERSION) return exchange;
    const decode = (answer: Buffer): Promise<object> =>
      readFetch(answer).catch((error: unknown) => {
        if (error instanceof OlderBatch) return response.decode(answer);
        throw error;
      });
    return { ...exchange, response: { ...response, decode } };
  });
  return broker.fetch.call(fetching, wanted);
}

/** The records of a batch, from what was asked for on. */
export function recordsOf({ messages, fetchedOffset }: HandedBatch): readonly FetchedRecord[] {
  const first = BigInt(fetchedOffset);
  const [message] = messages;
  if (messages.length === 1 && message instanceof FetchedBatch) return message.from(first);
  return messages.flatMap((each) => (each instanceof FetchedBatch ? each.from(first) : each));
}

/**
 * The answer to a Fetch request of version 11, https://kafka.apache.org/protocol#The_Messages_Fetch, as kafkajs decodes it, with a
 * {@link FetchedBatch} for each record batch in place of its messages.
 *
 * @throws OlderBatch
 */
export async function readFetch(answer: Buffer): Promise<object> {
  const reader = new Reader(answer);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses = await reader.list(async () => ({
    topicName: reader.text(),
    partitions: await reader.list(() => partitionIn(reader)),
  }));
  // The broker has not waited: kafkajs is to, by the other field.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function partitionIn(reader: Reader): Promise<object> {
  const head = {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64(),
    lastStableOffset: reader.int64(),
    lastStartOffset: reader.int64(),
  };
  const aborted = await reader.list(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
  const preferredReadReplica = reader.int32();
  const messages = await batchesIn(reader.bytes(), decompress, new AbortedTransactions(aborted));
  // Left out already: nothing is left for kafkajs to find out.
  return { ...head, abortedTransactions: [], preferredReadReplica, messages };
}

/** By kafkajs' own codecs, which are where a package for one is registered. */
const decompress: Decompress = (compression, records) => {
  const codecs = CompressionCodecs as unknown as Partial<Record<CompressionTypes, () => Codec>>;
  const codec = codecs[compression as CompressionTypes];
  if (codec === undefined)
    return Promise.reject(new RangeError(`records compressed in the unknown way ${compression}`));
  return codec().decompress(records);
};

interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>;
}

/** Reads fields one after the other. */
class Reader {
  readonly #answer: Buffer;
  #at = 0;

  constructor(answer: Buffer) {
    this.#answer = answer;
  }

  int16(): number {
    this.#at += 2;
    return this.#answer.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#answer.readInt32BE(this.#at - 4);
  }

  /** As text, as kafkajs has numbers of 64 bits. */
  int64(): string {
    this.#at += 8;
    return String(this.#answer.readBigInt64BE(this.#at - 8));
  }

  text(): string {
    const length = this.int16();
    this.#at += length;
    return this.#answer.toString('utf8', this.#at - length, this.#at);
  }

  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const bytes = this.#answer.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  async list<T>(read: () => T | Promise<T>): Promise<T[]> {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left -= 1) items.push(await read());
    return items;
  }
}
