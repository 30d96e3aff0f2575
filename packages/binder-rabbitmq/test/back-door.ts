import type { ForeignRecord, RawRecord } from '@millrace/binder-test-suite';
import { type Channel, type ChannelModel, type ConsumeMessage, connect, type Options } from 'amqplib';
import type { DeliveredMessage, MessageProperties } from '../src/rabbitmq-port';
import { encodeHeaders, tableNames } from '../src/wire/rabbitmq-headers';
import { recordsOf } from '../src/wire/rabbitmq-record';

/** A message as it was taken out of a queue. */
export interface RawMessage extends RawRecord {
  readonly message: DeliveredMessage;
}

const EXCHANGE = { durable: true, autoDelete: false };

/** Looks at a broker past the binder: what do its queues really hold? RabbitMQ forgets what was read, so copies are kept here. */
export class BackDoor {
  readonly #url: string;
  readonly #seen = new Map<string, RawMessage[]>();
  #model: Promise<ChannelModel> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** From now on a queue of ours gets a copy of all that is sent to the exchange. */
  async watch(exchange: string): Promise<void> {
    await this.use(async (channel) => {
      await channel.assertExchange(exchange, 'topic', EXCHANGE);
      await channel.assertQueue(watcher(exchange), { durable: true });
      await channel.bindQueue(watcher(exchange), exchange, '#');
    });
  }

  /** All that was sent to the exchange while it was watched, and all that a queue of this name has held. */
  async records(destination: string): Promise<RawMessage[]> {
    return [...(await this.taken(watcher(destination), destination)), ...(await this.taken(destination, destination))];
  }

  /** Empties the queue, and gives all that was ever taken out of it here. */
  async taken(queue: string, destination = queue): Promise<RawMessage[]> {
    const seen = this.#seen.get(queue) ?? [];
    this.#seen.set(queue, seen);
    if (!(await this.exists(queue))) return seen;
    await this.use(async (channel) => {
      for (let message = await channel.get(queue); message !== false; message = await channel.get(queue)) {
        seen.push(rawOf(message as unknown as ConsumeMessage, destination));
        channel.ack(message);
      }
    });
    return seen;
  }

  async exists(queue: string): Promise<boolean> {
    return (await this.depth(queue)) !== undefined;
  }

  /** Messages that wait in the queue; `undefined` where there is none. */
  async depth(queue: string): Promise<number | undefined> {
    try {
      return await this.use(async (channel) => (await channel.checkQueue(queue)).messageCount);
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return undefined;
      throw error;
    }
  }

  /** As a foreign program would, which knows none of our headers but where the key is asked for. */
  async publish(exchange: string, { payload, headers = {}, key }: ForeignRecord): Promise<void> {
    const { headers: table, ...properties } = encodeHeaders(headers, 'spring');
    const all = { ...table, ...(key !== undefined && { [tableNames.key]: key }) };
    await this.publishRaw(exchange, exchange, Buffer.from(payload), { ...(properties as object), headers: all });
  }

  async publishRaw(exchange: string, routingKey: string, body: Buffer, options: Options.Publish = {}): Promise<void> {
    const channel = await (await this.#connected()).createConfirmChannel();
    channel.on('error', () => undefined);
    try {
      if (exchange !== '') await channel.assertExchange(exchange, 'topic', EXCHANGE);
      channel.publish(exchange, routingKey, body, { persistent: true, ...options });
      await channel.waitForConfirms();
    } finally {
      await channel.close().catch(() => undefined);
    }
  }

  /** On a channel of its own, which an error of the broker's may end. */
  async use<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await (await this.#connected()).createChannel();
    channel.on('error', () => undefined);
    try {
      return await work(channel);
    } finally {
      await channel.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await (await this.#model?.catch(() => undefined))?.close().catch(() => undefined);
  }

  #connected(): Promise<ChannelModel> {
    if (this.#model !== undefined) return this.#model;
    const connecting = connect(this.#url, { noDelay: true });
    this.#model = connecting;
    const forget = (): void => {
      if (this.#model === connecting) this.#model = undefined;
    };
    connecting.then((model) => {
      model.on('error', () => undefined);
      model.on('close', forget);
    }, forget);
    return connecting;
  }
}

function watcher(exchange: string): string {
  return `back-door.${exchange}`;
}

function rawOf({ content, fields, properties }: ConsumeMessage, destination: string): RawMessage {
  const { deliveryTag: tag, redelivered, exchange, routingKey } = fields;
  const message: DeliveredMessage = {
    tag,
    redelivered,
    exchange,
    routingKey,
    body: content,
    properties: properties as MessageProperties,
  };
  const queue = { queue: '', destination, partition: undefined };
  const [record] = recordsOf(message, queue, {
    mode: 'spring',
    maxDecompressedBytes: 1e9,
  });
  const { headers, key, partition } = record;
  return { payload: content, headers, key, partition, message };
}
