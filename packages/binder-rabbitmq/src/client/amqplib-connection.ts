import type { Duplex } from 'node:stream';
import type { ChannelModel } from 'amqplib';
import { finishedWithin } from '../finished-within';
import type {
  ConnectionListener,
  ConnectionPort,
  ConsumerListener,
  ConsumerPort,
  PublisherListener,
  PublisherPort,
  TopologyPort,
} from '../rabbitmq-port';
import { AmqplibConsumer } from './amqplib-consumer';
import { AmqplibPublisher } from './amqplib-publisher';
import { AmqplibTopology } from './amqplib-topology';
import { quieten } from './channel-life';
import { writeTurnsTogether } from './turn-writes';

/** What is needed of amqplib's connection beyond its types. */
interface Underlying {
  readonly frameMax: number;
  readonly stream: Duplex;
}

export class AmqplibConnection implements ConnectionPort {
  readonly #model: ChannelModel;
  readonly #underlying: Underlying;
  #isEnded = false;

  constructor(model: ChannelModel, listener: ConnectionListener) {
    this.#model = model;
    this.#underlying = model.connection as unknown as Underlying;
    writeTurnsTogether(this.#underlying.stream);
    let reason: Error | undefined;
    // Without a listener an 'error' ends the process (trap 4); what follows it is always a 'close'.
    model.on('error', (error) => {
      reason ??= error;
    });
    model.on('handler-error', (error) => {
      reason ??= error;
    });
    model.on('blocked', (why) => listener.blocked(why));
    model.on('unblocked', () => listener.blocked(undefined));
    model.on('close', (error) => {
      // amqplib only half-closes the socket: with nobody at the other end it would keep the process alive.
      this.#underlying.stream.destroy();
      if (this.#isEnded) return;
      this.#isEnded = true;
      listener.lost(reason ?? error ?? new Error('the connection has ended'));
    });
  }

  get frameMax(): number {
    return this.#underlying.frameMax;
  }

  async openTopology(): Promise<TopologyPort> {
    const channel = await this.#model.createChannel();
    quieten(channel);
    return new AmqplibTopology(channel);
  }

  async openPublisher(listener: PublisherListener): Promise<PublisherPort> {
    return new AmqplibPublisher(await this.#model.createConfirmChannel(), listener);
  }

  async openConsumer(listener: ConsumerListener): Promise<ConsumerPort> {
    return new AmqplibConsumer(await this.#model.createChannel(), listener);
  }

  async close(limitMs: number): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await finishedWithin(this.#model.close(), limitMs);
    this.#underlying.stream.destroy();
  }
}
