import type { Channel, ConsumeMessage } from 'amqplib';
import type { ConsumeOptions, ConsumerListener, ConsumerPort, MessageProperties } from '../rabbitmq-port';
import { ChannelLife } from './channel-life';

export class AmqplibConsumer implements ConsumerPort {
  readonly #channel: Channel;
  readonly #listener: ConsumerListener;
  readonly #life: ChannelLife;
  #tag: string | undefined;

  constructor(channel: Channel, lossOf: () => Error | undefined, listener: ConsumerListener) {
    this.#channel = channel;
    this.#listener = listener;
    this.#life = new ChannelLife(channel, lossOf, (error) => listener.closed(error));
  }

  async consume(queue: string, options: ConsumeOptions): Promise<void> {
    const { prefetch, tag, exclusive } = options;
    // For each consumer, not for the channel: quorum queues know no other (trap 17).
    await this.#channel.prefetch(prefetch, false);
    const reply = await this.#channel.consume(queue, (message) => this.#take(message), {
      exclusive,
      arguments: options.arguments,
      ...(tag !== undefined && { consumerTag: tag }),
    });
    this.#tag = reply.consumerTag;
  }

  async cancel(): Promise<void> {
    const tag = this.#tag;
    this.#tag = undefined;
    if (tag !== undefined) await this.#channel.cancel(tag);
  }

  ack(tag: number, multiple: boolean): void {
    if (!this.#life.isEnded) this.#attempt(() => this.#channel.ack(messageOf(tag), multiple));
  }

  nack(tag: number, requeue: boolean): void {
    if (!this.#life.isEnded) this.#attempt(() => this.#channel.nack(messageOf(tag), false, requeue));
  }

  close(): Promise<void> {
    return this.#life.end();
  }

  /** The client throws where the connection is closing this very moment: what is unsettled comes again. */
  #attempt(settle: () => void): void {
    try {
      settle();
    } catch {
      // Nothing to do: 'close' follows.
    }
  }

  /** `null` is the broker's end of the consumer (trap 6). Must not throw: the channel would die of it (trap 7). */
  #take(message: ConsumeMessage | null): void {
    if (message === null) {
      this.#tag = undefined;
      this.#listener.cancelled();
      return;
    }
    const { deliveryTag, redelivered, exchange, routingKey } = message.fields;
    this.#listener.message({
      tag: deliveryTag,
      redelivered,
      exchange,
      routingKey,
      body: message.content,
      properties: message.properties as MessageProperties,
    });
  }
}

/** The client wants a whole message to settle one, and reads its tag only. */
function messageOf(deliveryTag: number): ConsumeMessage {
  return { fields: { deliveryTag } } as ConsumeMessage;
}
