import type { Channel } from 'amqplib';
import type { ExchangeDeclaration, QueueBinding, QueueDeclaration, TopologyPort } from '../rabbitmq-port';
import { closeChannel } from './channel-life';

export class AmqplibTopology implements TopologyPort {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async declareExchange({ name, type, ...options }: ExchangeDeclaration): Promise<void> {
    await this.#channel.assertExchange(name, type, options);
  }

  async declareQueue({ name, ...options }: QueueDeclaration): Promise<void> {
    await this.#channel.assertQueue(name, options);
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
