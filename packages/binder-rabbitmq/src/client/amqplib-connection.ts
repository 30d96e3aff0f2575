import type { Duplex } from 'node:stream';
import { finishedWithin } from '@millrace/core/spi';
import type { ChannelModel } from 'amqplib';
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
import { type ChannelOpener, writeTurnsTogether } from './turn-writes';
import { type FrameReader, surviveUnreadableHeaders } from './unreadable-headers';
import { readUsualFrames } from './usual-frames';
import { type MessageSender, writeMessagesWhole } from './whole-messages';

const FAREWELL_MS = 500;

/** What is needed of amqplib's connection beyond its types. */
type Underlying = FrameReader & { readonly maxFrameSize: number } & MessageSender &
  ChannelOpener & {
    readonly serverProperties: { readonly version?: unknown };
  };

export class AmqplibConnection implements ConnectionPort {
  readonly #model: ChannelModel;
  readonly #underlying: Underlying;
  #loss: Error | undefined;
  #isEnded = false;

  constructor(model: ChannelModel, listener: ConnectionListener) {
    this.#model = model;
    this.#underlying = model.connection as unknown as Underlying;
    writeTurnsTogether(this.#underlying);
    writeMessagesWhole(this.#underlying);
    surviveUnreadableHeaders(this.#underlying);
    // Around the other, to which it leaves what is unusual.
    readUsualFrames(this.#underlying);
    // Without a listener an 'error' ends the process (trap 4); what follows it is always a 'close'.
    model.on('error', (error) => {
      this.#loss ??= error;
    });
    model.on('handler-error', (error) => {
      this.#loss ??= error;
    });
    model.on('blocked', (why) => listener.blocked(why));
    model.on('unblocked', () => listener.blocked(undefined));
    model.on('close', (error) => {
      destroySoon(this.#underlying.stream);
      if (this.#isEnded) return;
      this.#isEnded = true;
      listener.lost(this.#loss ?? error ?? new Error('the connection has ended'));
    });
  }

  get frameMax(): number {
    return this.#underlying.frameMax;
  }

  get version(): string | undefined {
    const { version } = this.#underlying.serverProperties;
    return typeof version === 'string' ? version : undefined;
  }

  async openTopology(): Promise<TopologyPort> {
    const channel = await this.#model.createChannel();
    quieten(channel);
    return new AmqplibTopology(channel, this.#lossOf);
  }

  async openPublisher(listener: PublisherListener): Promise<PublisherPort> {
    return new AmqplibPublisher(await this.#model.createConfirmChannel(), this.#lossOf, listener);
  }

  async openConsumer(listener: ConsumerListener): Promise<ConsumerPort> {
    return new AmqplibConsumer(await this.#model.createChannel(), this.#lossOf, listener);
  }

  readonly #lossOf = (): Error | undefined => this.#loss;

  async close(limitMs: number): Promise<void> {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (await finishedWithin(this.#model.close(), limitMs)) this.#underlying.stream.destroy();
    // The client hears of an error only, and ends its heartbeats then.
    else this.#underlying.stream.destroy(new Error('the connection is closed'));
  }
}

/** amqplib only half-closes the socket: with nobody at the other end it would keep the process alive. Last words go out before. */
function destroySoon(stream: Duplex): void {
  const destroy = (): void => {
    clearTimeout(timer);
    stream.destroy();
  };
  const timer = setTimeout(destroy, FAREWELL_MS);
  stream.once('finish', destroy);
}
