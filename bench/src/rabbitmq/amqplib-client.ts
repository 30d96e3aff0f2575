import { randomUUID } from 'node:crypto';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { type Channel, type ConfirmChannel, type ConsumeMessage, connect, type Options } from 'amqplib';
import { Handled } from '../broker/handled';
import { type Task, workload } from '../broker/task';
import type { Workload } from '../measure/workload';
import type { OrderFields } from '../orders/order-fields';
import { contentType, queueArguments, queueOf } from './queues';

/** Each of its own connection. */
export interface Opened<C> {
  readonly channel: C;
  close(): Promise<void>;
}

export const publishOptions: Options.Publish = { persistent: true, contentType, headers: { contentType } };

export function publishOptionsMaker({ alike }: Task): () => Options.Publish {
  return alike ? publishOptionsLikeMillraces : () => publishOptions;
}

function publishOptionsLikeMillraces(): Options.Publish {
  const id = randomUUID();
  const now = Date.now();
  return {
    persistent: true,
    mandatory: true,
    contentType,
    priority: 0,
    messageId: id,
    timestamp: Math.floor(now / 1_000),
    headers: { correlationId: id, timestamp_in_ms: now },
  };
}

/** With `noDelay`, without which the kernel keeps small messages back: amqplib's default is no. */
export async function openConfirming({ address }: Task, noDelay = true): Promise<Opened<ConfirmChannel>> {
  const connection = await connect(address, { noDelay });
  return { channel: await connection.createConfirmChannel(), close: () => connection.close() };
}

export async function openConsuming({ address, prefetch }: Task, noDelay = true): Promise<Opened<Channel>> {
  const connection = await connect(address, { noDelay });
  const channel = await connection.createChannel();
  if (prefetch !== undefined) await channel.prefetch(prefetch);
  return { channel, close: () => connection.close() };
}

/** An exchange with one queue, which is wanted by all of its messages. */
export async function declare(channel: Channel, destination: string): Promise<void> {
  const queue = queueOf(destination);
  await channel.assertExchange(destination, 'topic', { durable: true });
  await channel.assertQueue(queue, { durable: true, arguments: queueArguments(queue) });
  await channel.bindQueue(queue, destination, '#');
}

export function bodyOf(order: OrderFields): Buffer {
  return Buffer.from(JSON.stringify(order));
}

export function orderIn({ content }: ConsumeMessage): OrderFields {
  return JSON.parse(content.toString()) as OrderFields;
}

/** Resolves when the broker has the message. */
export function published(channel: ConfirmChannel, exchange: string, content: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    channel.publish(exchange, exchange, content, publishOptions, (error) => (error ? reject(error) : resolve()));
  });
}

/** Takes what the queue of the destination holds. */
export async function take(
  channel: Channel,
  destination: string,
  handle: (message: ConsumeMessage) => void,
): Promise<void> {
  await channel.consume(queueOf(destination), (message) => {
    if (message === null) throw new Error('the broker has ended the consumer');
    handle(message);
  });
}

/** A new connection for each round; `handlerOf` makes what is called with its messages. */
export function messageRounds(
  task: Task,
  handlerOf: (channel: Channel, handled: Handled, messages: number) => (message: ConsumeMessage) => void,
  noDelay = true,
): Workload {
  return workload(async (messages, clock) => {
    const handled = new Handled(messages, clock);
    const { channel, close } = await openConsuming(task, noDelay);
    await take(channel, task.destination, handlerOf(channel, handled, messages));
    if (task.clockFrom === 'joined') handled.begin();
    await handled.all;
    // What this turn of the event loop acknowledges is told at its end.
    await endOfTurn();
    await close();
  });
}
