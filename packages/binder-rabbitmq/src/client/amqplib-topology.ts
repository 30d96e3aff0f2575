import type { Channel } from 'amqplib';
import type { ExchangeDeclaration, QueueBinding, QueueDeclaration, TopologyPort } from '../rabbitmq-port';
import { closeChannel } from './channel-life';

export class AmqplibTopology implements TopologyPort {
  readonly #channel: Channel;
  readonly #lossOf: () => Error | undefined;

  /** @param lossOf why the connection is going, where it is */
  constructor(channel: Channel, lossOf: () => Error | undefined) {
    this.#channel = channel;
    this.#lossOf = lossOf;
  }

  async declareExchange({ name, type, ...options }: ExchangeDeclaration): Promise<void> {
    await this.#channel.assertExchange(name, type, options);
  }

  async declareQueue({ name, ...options }: QueueDeclaration): Promise<void> {
    try {
      await this.#channel.assertQueue(name, options);
    } catch (error) {
      // For some queues the broker ends the whole connection, and only there it says why.
      throw this.#lossOf() ?? error;
    }
  }

  async bindQueue({ queue, exchange, routingKey, arguments: matching }: QueueBinding): Promise<void> {
    await this.#channel.bindQueue(queue, exchange, routingKey, matching);
  }

  async checkExchange(name: string): Promise<void> {
    await this.#channel.checkExchange(name);
  }

  async checkQueue(name: string): Promise<void> {
    await this.#channel.checkQueue(name);
  }

  async deleteQueue(name: string): Promise<void> {
    await this.#channel.deleteQueue(name);
  }

  close(): Promise<void> {
    return closeChannel(this.#channel);
  }
}
