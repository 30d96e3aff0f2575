import { type ConfirmChannel, IllegalOperationError } from 'amqplib';
import type { MessageProperties, MessageToPublish, PublisherListener, PublisherPort } from '../rabbitmq-port';
import { ChannelLife } from './channel-life';

export class AmqplibPublisher implements PublisherPort {
  readonly #channel: ConfirmChannel;
  readonly #life: ChannelLife;

  constructor(channel: ConfirmChannel, lossOf: () => Error | undefined, listener: PublisherListener) {
    this.#channel = channel;
    this.#life = new ChannelLife(channel, lossOf, (error) => listener.closed(error));
    channel.on('ack', ({ deliveryTag, multiple }) => listener.confirmed(deliveryTag, multiple, true));
    channel.on('nack', ({ deliveryTag, multiple }) => listener.confirmed(deliveryTag, multiple, false));
    channel.on('return', ({ fields, properties, content }) => {
      const { exchange, routingKey, replyText } = fields as typeof fields & { readonly replyText?: string };
      const returned = { exchange, routingKey, body: content, properties: properties as MessageProperties };
      listener.returned(returned, replyText ?? 'NO_ROUTE');
    });
  }

  publish({ exchange, routingKey, body, properties }: MessageToPublish, mandatory: boolean): boolean {
    if (this.#life.isEnded) return false;
    try {
      // What it returns is its wish for a pause, not whether the message was taken (trap 8).
      this.#channel.publish(exchange, routingKey, body, { ...(properties as object), mandatory });
      return true;
    } catch (error) {
      if (error instanceof IllegalOperationError) return false;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#life.end();
  }
}
