import { randomUUID } from 'node:crypto';
import {
  type Consumer,
  type EachBatchPayload,
  Kafka,
  logLevel,
  type Message,
  Partitioners,
  type Producer,
} from 'kafkajs';
import { Handled } from '../broker/handled';
import { type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import type { OrderFields } from '../orders/order-fields';
import { Commits } from './commits';

const MOST_RECORDS_OF_A_SEND = 500;
/** The broker takes no more than a megabyte for a partition at once. */
const MOST_BYTES_OF_A_SEND = 500_000;
const headers = { contentType: 'application/json' };
/** What Spring Cloud Stream needs to read the headers of the others as text. */
const headerTypes = JSON.stringify({
  millrace_id: 'java.lang.String',
  correlationId: 'java.lang.String',
  contentType: 'java.lang.String',
});

export function clientOf({ address, unique }: Pick<Task, 'address' | 'unique'>): Kafka {
  return new Kafka({ clientId: unique, brokers: [address], logLevel: logLevel.NOTHING });
}

export async function connectedProducer(task: Pick<Task, 'address' | 'unique'>): Promise<Producer> {
  const producer = clientOf(task).producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return producer;
}

export function messageOf(order: OrderFields): Message {
  return { value: JSON.stringify(order), headers };
}

export function messageMaker({ alike }: Task): (order: OrderFields) => Message {
  return alike ? messageLikeMillraces : messageOf;
}

function messageLikeMillraces(order: OrderFields): Message {
  const id = randomUUID();
  return {
    value: JSON.stringify(order),
    headers: { millrace_id: id, correlationId: id, ...headers, spring_json_header_types: headerTypes },
  };
}

/** 500 beat 1,000. */
export function recordsOfASend(bytes: number): number {
  return Math.min(MOST_RECORDS_OF_A_SEND, Math.ceil(MOST_BYTES_OF_A_SEND / bytes));
}

/** One request, acknowledged by all replicas. */
export async function send(producer: Producer, topic: string, messages: Message[]): Promise<void> {
  await producer.send({ topic, messages, acks: -1 });
}

/** Connected and subscribed from the beginning. `joined` resolves, once it runs, when it has its partitions. */
export async function joinedConsumer(
  task: Task,
  groupId: string,
  topic: string,
): Promise<{ readonly consumer: Consumer; readonly joined: Promise<void> }> {
  const consumer = clientOf(task).consumer({ groupId });
  const joined = new Promise<void>((resolve) => {
    consumer.on('consumer.group_join', () => resolve());
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  return { consumer, joined };
}

/** Hands over batches; what is handled is committed once a second. */
export async function runBatches(
  consumer: Consumer,
  { destination, partitions }: Task,
  handle: (payload: EachBatchPayload) => Promise<void>,
): Promise<Commits> {
  const commits = new Commits(consumer, destination);
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: partitions,
    eachBatch: async (payload) => {
      await handle(payload);
      commits.done(payload.batch.partition, payload.batch.lastOffset());
    },
  });
  return commits;
}

/** Resolves when the batch is done and may be committed. */
export type Handle = (payload: EachBatchPayload, handled: Handled) => Promise<void>;

/** A group of its own for each round, which reads from the beginning. */
export function batchRounds(task: Task, handle: Handle): Workload {
  let round = 0;
  return workload(async (messages, clock) => {
    round += 1;
    const handled = new Handled(messages, clock);
    const { consumer } = await joinedConsumer(task, `${task.unique}-${round}`, task.destination);
    const commits = await runBatches(consumer, task, (payload) => handle(payload, handled));
    if (task.clockFrom === 'joined') handled.begin();
    await handled.all;
    await commits.end();
    await consumer.disconnect();
  });
}
