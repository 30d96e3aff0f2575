import { type ConfirmChannel, IllegalOperationError } from 'amqplib';
import type { MessageProperties, MessageToPublish, PublisherListener, PublisherPort } from '../rabbitmq-port';
import { ChannelLife } from './channel-life';

/** What `publish` of amqplib's channel itself calls, beyond its types. */
interface MessageSender {
  sendMessage(fields: object, properties: object, content: Buffer): boolean;
}

export class AmqplibPublisher implements PublisherPort {
  readonly #sender: MessageSender;
  readonly #life: ChannelLife;

  constructor(channel: ConfirmChannel, lossOf: () => Error | undefined, listener: PublisherListener) {
    this.#sender = channel as unknown as MessageSender;
    this.#life = new ChannelLife(channel, lossOf, (error) => listener.closed(error));
    // The numbers of a channel that was left mean other messages on the next one.
    const confirmed = (number: number, multiple: boolean, isTaken: boolean): void => {
      if (!this.#life.isEnded) listener.confirmed(number, multiple, isTaken);
    };
    // The client counts what is unconfirmed as well, in a list that is moved for each of them.
    channel.removeAllListeners('ack').removeAllListeners('nack');
    channel.on('ack', ({ deliveryTag, multiple }) => confirmed(deliveryTag, multiple, true));
    channel.on('nack', ({ deliveryTag, multiple }) => confirmed(deliveryTag, multiple, false));
    channel.on('return', ({ fields, properties, content }) => {
      if (this.#life.isEnded) return;
      const { exchange, routingKey, replyText } = fields as typeof fields & { readonly replyText?: string };
      const returned = { exchange, routingKey, body: content, properties: properties as MessageProperties };
      listener.returned(returned, replyText ?? 'NO_ROUTE');
    });
  }

  /** Not by the channel's `publish`: it makes each header table the prototype of another object, which is slower than all the rest. */
  publish({ exchange, routingKey, body, properties }: MessageToPublish, mandatory: boolean): boolean {
    if (this.#life.isEnded) return false;
    try {
      // What it returns is its wish for a pause, not whether the message was taken (trap 8).
      this.#sender.sendMessage({ exchange, routingKey, mandatory, immediate: false }, properties, body);
    } catch (error) {
      if (error instanceof IllegalOperationError) return false;
      throw error;
    }
    return true;
  }

  close(): Promise<void> {
    return this.#life.end();
  }
}
