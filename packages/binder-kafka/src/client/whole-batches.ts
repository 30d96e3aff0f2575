import { CompressionTypes, type Kafka } from 'kafkajs';
import type { RecordToSend } from '../kafka-port';
import { crc32c } from './crc32c';
import { HeaderNames } from './header-names';
import { type BatchTools, recordBatch } from './record-batch';

/** What is needed of kafkajs beyond its types: its cluster, which finds brokers, which send requests. */
interface Cluster {
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
}

interface Broker {
  readonly connectionPool: { send(exchange: Exchange): Promise<unknown> };
  produce(wanted: ProduceRequest): Promise<unknown>;
}

/** A request, and how its answer is read. */
interface Exchange {
  readonly request: { readonly apiVersion: number; readonly encode: () => Promise<Encoded> };
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

const CREATE_CLUSTER = 'private:Kafka:createCluster';
/** Of the request: before and after them it has another form. kafkajs knows none after. */
const [FIRST_VERSION, LAST_VERSION] = [3, 7];

/**
 * The client, whose batches are each written into one buffer here, to the byte as it would write them. kafkajs makes a zeroed buffer
 * of half a kilobyte for each record and one more for each of its headers, and copies every byte several times: more than half of
 * the processor time of a `send`. What is compressed it encodes by itself, and all else where it does not keep its cluster in the place
 * where 2.2.4 has it.
 */
export function writeBatchesWhole<Client extends Pick<Kafka, 'producer'>>(kafka: Client): Client {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  if (key === undefined) return kafka;
  const factory = kafka as unknown as Record<symbol, (options: object) => Cluster>;
  const create = factory[key] as (options: object) => Cluster;
  factory[key] = (options) => watched(create(options));
  return kafka;
}

function watched(cluster: Cluster): Cluster {
  const tools: BatchTools = { crc32c, nameOf: new HeaderNames().bytesOf, compression: undefined };
  // kafkajs knows a broker again by the object.
  const known = new WeakMap<Broker, Broker>();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    const found = known.get(broker) ?? writing(broker, tools);
    known.set(broker, found);
    return found;
  };
  return cluster;
}

function writing(broker: Broker, tools: BatchTools): Broker {
  const produce = (wanted: ProduceRequest): Promise<unknown> => {
    if (wanted.compression !== undefined && wanted.compression !== CompressionTypes.None) return broker.produce(wanted);
    const { connectionPool } = broker;
    const send = ({ request, ...exchange }: Exchange): Promise<unknown> => {
      const isKnown = request.apiVersion >= FIRST_VERSION && request.apiVersion <= LAST_VERSION;
      const encode = isKnown ? async () => encoded(wanted, tools) : request.encode;
      return connectionPool.send({ ...exchange, request: { ...request, encode } });
    };
    const pool = Object.create(connectionPool, { send: { value: send } });
    const sending: Broker = Object.create(broker, { connectionPool: { value: pool } });
    return broker.produce.call(sending, wanted);
  };
  return Object.create(broker, { produce: { value: produce } });
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

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
