import { type CompressionTypes, type ICustomPartitioner, type ProducerRecord, type RecordMetadata } from 'kafkajs';
import type { HeadersToSend, RecordRoutes, RecordToSend, Timestamp } from '../kafka-port';

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: HeadersToSend;
  readonly timestamp: Timestamp | undefined;
  /** Chosen when the record is first sent, and then for good. */
  partition: number | undefined;
}

export interface Manner {
  readonly timeout: number;
  readonly compression: CompressionTypes;
}

type Send = (request: ProducerRecord) => Promise<RecordMetadata[]>;

/** Sends with acks=all; rejects when any record may be missing. */
export async function sendAll(
  send: Send,
  topic: string,
  records: readonly RecordToSend[],
  manner: Manner,
): Promise<void> {
  const left = await sendOnce(send, topic, records.map(messageOf), manner);
  if (left.length === 0) return;
  const lost = await sendOnce(send, topic, left, manner);
  if (lost.length > 0)
    throw Object.assign(new Error(`no partition ${lost[0]?.partition}`), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
}

/**
 * Those that were left out: kafkajs does so without a word with what goes to a partition that its metadata does not have, and
 * in a repeat with what a broker leads only since it has answered for others.
 */
async function sendOnce(send: Send, topic: string, messages: Message[], manner: Manner): Promise<Message[]> {
  const request = { topic, messages: groupedInPlace(messages) as { value: Buffer | null }[], acks: -1, ...manner };
  const written = await send(request);
  const partitions = new Set(written.map((each) => each.partition));
  return messages.filter(({ partition }) => partition === undefined || !partitions.has(partition));
}

type Groups = Record<number, Message[]>;

/**
 * The same messages, for which kafkajs makes no copy of a partition's whole group with each one it adds: five hundred to one
 * partition cost it five kilobytes a message. It groups with `reduce`, and a group is its own from the first message on.
 */
export function groupedInPlace(messages: Message[]): Message[] {
  const reduce = (add: (groups: Groups, message: Message) => Groups, start: Groups): Groups => {
    let groups = start;
    for (const message of messages) {
      const group = message.partition === undefined ? undefined : groups[message.partition];
      if (group === undefined) groups = add(groups, message);
      else group.push(message);
    }
    return groups;
  };
  return Object.defineProperty(messages, 'reduce', { value: reduce });
}

/** Itself, where nothing of it will change. */
function messageOf(record: RecordToSend): Message {
  const { key, value, headers, partition, timestamp } = record;
  return partition === undefined ? { key, value, headers, partition, timestamp } : (record as Message);
}

/**
 * Learns where partitions are, and leaves records where they are: one without a key keeps the partition that it got by turns. In
 * a repeat kafkajs would give it another one, where it may have been written as well.
 */
export function keepingPartitioner(routes: RecordRoutes): ICustomPartitioner {
  return () =>
    ({ topic, partitionMetadata, message }) => {
      routes.learn(topic, partitionMetadata);
      const kept: Message = message as Message;
      kept.partition ??= routes.partitionOf(topic, kept) ?? 0;
      return kept.partition;
    };
}
