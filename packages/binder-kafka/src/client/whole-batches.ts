import { CompressionTypes, type Kafka } from 'kafkajs';
import type { RecordToSend } from '../kafka-port';
import { crc32c } from './crc32c';
import { HeaderNames } from './header-names';
import { changeBrokers, exchanging, type KafkajsBroker } from './kafkajs-brokers';
import { type BatchTools, recordBatch } from './record-batch';

interface WritingBroker extends KafkajsBroker {
  produce(wanted: ProduceRequest): Promise<unknown>;
}

/** As much of kafkajs' encoder as is asked of what was encoded. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** What kafkajs asks a broker to write. */
export interface ProduceRequest {
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly acks: number;
  /** Milliseconds for the broker to have it on all replicas. */
  readonly timeout: number;
  readonly compression?: CompressionTypes;
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[];
}

interface PartitionData {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly RecordToSend[];
}

/** Of the request: before and after them it has another form. kafkajs knows none after. */
const [FIRST_VERSION, LAST_VERSION] = [3, 7];

/**
 * The client, whose batches are each written into one buffer here, to the byte as it would write them. kafkajs makes a zeroed buffer
 * of half a kilobyte for each record and one more for each of its headers, and copies every byte several times: more than half of
 * the processor time of a `send`. What is compressed it encodes by itself.
 */
export function writeBatchesWhole<Client extends Pick<Kafka, 'producer'>>(kafka: Client): Client {
  const tools: BatchTools = { crc32c, nameOf: new HeaderNames().bytesOf, compression: undefined };
  return changeBrokers(kafka, (broker: WritingBroker) =>
    Object.assign(Object.create(broker), { produce: (wanted: ProduceRequest) => produce(broker, wanted, tools) }),
  );
}

function produce(broker: WritingBroker, wanted: ProduceRequest, tools: BatchTools): Promise<unknown> {
  const { compression = CompressionTypes.None } = wanted;
  if (compression !== CompressionTypes.None) return broker.produce(wanted);
  const sending = exchanging(broker, ({ request, ...exchange }) => {
    const isKnown = request.apiVersion >= FIRST_VERSION && request.apiVersion <= LAST_VERSION;
    const encode = isKnown ? async () => encoded(wanted, tools) : request.encode;
    return { ...exchange, request: { ...request, encode } };
  });
  return broker.produce.call(sending, wanted);
}

function encoded(wanted: ProduceRequest, tools: BatchTools): Encoded {
  const body = produceBody(wanted, Date.now(), tools);
  return { buf: body, buffer: body };
}

/**
 * A Produce request of versions 3 to 7, https://kafka.apache.org/protocol#The_Messages_Produce, without its header.
 *
 * @param now milliseconds since 1970, for records that bear no timestamp
 */
export function produceBody(wanted: ProduceRequest, now: number, tools: BatchTools): Buffer {
  const { transactionalId = null, producerId = -1, producerEpoch = 0, acks, timeout, topicData } = wanted;
  const writer = { id: BigInt(String(producerId)), epoch: producerEpoch, isInTransaction: Boolean(transactionalId) };
  const parts = [text(transactionalId), int16(acks), int32(timeout), int32(topicData.length)];
  for (const { topic, partitions } of topicData) {
    parts.push(text(topic), int32(partitions.length));
    for (const { partition, firstSequence = 0, messages } of partitions) {
      const batch = recordBatch(messages, now, tools, { ...writer, sequence: firstSequence });
      parts.push(int32(partition), int32(batch.length), batch);
    }
  }
  return Buffer.concat(parts);
}

function text(value: string | null): Buffer {
  if (value === null) return int16(-1);
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

export function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
