import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { type Task, TYPE_HEADER, typeName } from '../broker/task';
import { noteFor, plainOrder } from '../orders/order-fields';
import { clientOf, messageOf, recordsOfASend, send } from './kafkajs-client';

const LEADER_POLL_MS = 50;

/** Makes topics, and fills them with orders for contenders to read: all read the same records. */
export class FilledTopics {
  readonly #admin: Admin;
  readonly #producer: Producer;
  readonly #filled = new Map<string, Promise<string>>();

  private constructor(kafka: Kafka) {
    this.#admin = kafka.admin();
    this.#producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  }

  static async open(address: string): Promise<FilledTopics> {
    const topics = new FilledTopics(clientOf({ address, unique: 'bench-filler' }));
    await Promise.all([topics.#admin.connect(), topics.#producer.connect()]);
    return topics;
  }

  async make(...topics: readonly { readonly topic: string; readonly numPartitions: number }[]): Promise<void> {
    await this.#admin.createTopics({ topics: [...topics], waitForLeaders: false });
    const names = topics.map(({ topic }) => topic);
    while (!(await this.#hasLeaders(names))) await sleep(LEADER_POLL_MS);
  }

  /** The name of a topic with so many orders as the task wants them. */
  filled(task: Task, messages: number): Promise<string> {
    const { partitions, bytes, handlers, overlapping, invalid } = task;
    const kind = [overlapping ? 'keyed' : 'plain', invalid ? 'invalid' : 'valid'];
    const topic = ['orders', partitions, bytes, handlers, ...kind, messages].join('-');
    const known = this.#filled.get(topic) ?? this.#fill(topic, task, messages);
    this.#filled.set(topic, known);
    return known;
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.disconnect(), this.#producer.disconnect()]);
  }

  /** A new topic is unknown for a moment, also to the broker that has just made it. */
  async #hasLeaders(topics: string[]): Promise<boolean> {
    try {
      const { topics: found } = await this.#admin.fetchTopicMetadata({ topics });
      return found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
    } catch (error) {
      if ((error as { type?: unknown }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
      throw error;
    }
  }

  async #fill(topic: string, task: Task, messages: number): Promise<string> {
    await this.make({ topic, numPartitions: task.partitions });
    const note = noteFor(task.bytes);
    const size = recordsOfASend(task.bytes);
    for (let first = 0; first < messages; first += size) {
      const count = Math.min(messages - first, size);
      const records = Array.from({ length: count }, (_, at) => record(first + at, task, note));
      await send(this.#producer, topic, records);
    }
    return topic;
  }
}

function record(
  index: number,
  { partitions, handlers, overlapping, invalid }: Task,
  note: string | undefined,
): Message {
  const order = plainOrder(index, note);
  if (invalid) order.quantity = 0;
  const message = messageOf(order);
  const types = handlers === 1 ? {} : { [TYPE_HEADER]: typeName(index % handlers) };
  const key = overlapping ? { key: order.customerId } : {};
  return { ...message, ...key, headers: { ...message.headers, ...types }, partition: index % partitions };
}
