import { GuardedProducer } from '../binder/guarded-producer';
import { type ChannelToken, channel } from '../channel/channel';
import { classCodings } from '../codec/class-codings';
import type { CodecRegistry } from '../codec/codec-registry';
import type { ProducerPlan } from '../config/binding-plans';
import type { Source } from '../decorators/source';
import type { Output } from '../inbox/kept-outputs';
import type { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import type { MiddlewareChains } from '../middleware/middleware-chains';
import type { Events } from '../observe/events';
import type { Logger } from '../observe/logger';
import { partitioner } from '../partition/partitioner';
import { keyReader } from '../pipeline/key';
import type { MessageContext } from '../pipeline/message-context';
import { Outbound, type RecordSender } from '../pipeline/outbound';
import { typeHeaderOf, typeNameOf } from '../pipeline/type-name';
import type { OpenBinders } from './binder-registry';
import type { OpenInbox } from './open-inbox';

/** What producers and consumers of an application share. */
export interface SharedParts {
  readonly binders: OpenBinders;
  readonly inbox: OpenInbox;
  readonly codecs: CodecRegistry;
  readonly context: MessageContext;
  readonly middleware: MiddlewareChains;
  readonly events: Events;
  readonly logger: Logger;
  readonly drainMs: number;
}

export interface ProducersParts extends SharedParts {
  /** The plan of a channel no decorator named; throws a MillraceError where there can be none. */
  readonly planFor: (channel: ChannelToken<unknown>) => ProducerPlan;
}

/** The producer binding of one channel, and the way out of each class that is sent on it. */
interface ChannelProducer {
  readonly plan: ProducerPlan;
  readonly producer: GuardedProducer;
  /** Made at the first send, and opened by it; a failed opening is tried again by the next send. */
  readonly isOnDemand: boolean;
  readonly outbounds: Map<ChannelToken<unknown>, Outbound>;
  /** The way out of what was encoded before. */
  encoded?: Outbound;
  /** While it is opened by a send. */
  opening?: Promise<void> | undefined;
}

/** The producer bindings of an application: those its decorators name, and those made on demand. */
export class Producers {
  readonly #parts: ProducersParts;
  readonly #byChannel = new Map<string, ChannelProducer>();
  readonly #dynamic = new Map<string, GuardedProducer>();
  /** Names of the classes known on each channel: where there are several, a type header tells them apart. */
  readonly #types = new Map<string, Set<string>>();
  readonly #channels = new Map<string, Set<ChannelToken<unknown>>>();

  constructor(parts: ProducersParts, channels: readonly ChannelToken<unknown>[]) {
    this.#parts = parts;
    for (const channel of channels) this.#learn(channel);
  }

  add(plan: ProducerPlan): void {
    this.#enter(plan, false);
  }

  /** A sender for the channel; its binding is made at the first send if no decorator asked for it. */
  source<T>(channel: ChannelToken<T>, admit: () => void): Source<T> {
    const untyped = channel as unknown as ChannelToken<unknown>;
    return Object.freeze({
      channel,
      // Not `async`: its promise would be one more on the way of every message.
      send: (payload: T | Message<T>, options?: SendOptions): Promise<void> => {
        try {
          admit();
          const entry = this.#byChannel.get(untyped.name) ?? this.#onDemand(untyped);
          const send = (): Promise<void> => this.#outboundOf(entry, untyped).send(payload, options);
          const opening = this.#opening(entry);
          return opening === undefined ? send() : opening.then(this.#asNow(send));
        } catch (error) {
          return Promise.reject(error);
        }
      },
    });
  }

  /** Sends what was encoded before, perhaps by an earlier run of the application, whatever its class was. */
  async resend({ channel: name, destination, record }: Output): Promise<void> {
    const entry = this.#encodedEntry(name);
    await this.#opening(entry);
    await this.#encodedWayOut(entry).resend(destination, record);
  }

  /** Sends what another thread encoded for the attempt that runs: held until that has succeeded. */
  forward({ channel: name, destination, record }: Output): Promise<void> {
    const entry = this.#encodedEntry(name);
    const send = (): Promise<void> => this.#encodedWayOut(entry).forward(destination, record);
    return this.#opening(entry)?.then(send) ?? send();
  }

  /** Names of the classes that are known on the channel so far. */
  typesOn(channelName: string): ReadonlySet<string> {
    return this.#types.get(channelName) ?? new Set();
  }

  handles(): GuardedProducer[] {
    return [...[...this.#byChannel.values()].map(({ producer }) => producer), ...this.#dynamic.values()];
  }

  /** Who waits for it goes on in the order of the waiting, and before whoever comes after it. */
  #opening(entry: ChannelProducer): Promise<void> | undefined {
    const { producer, isOnDemand } = entry;
    if (!isOnDemand || entry.opening !== undefined) return entry.opening;
    if (producer.state !== 'idle' && producer.state !== 'failed') return undefined;
    const ended = (): void => {
      entry.opening = undefined;
    };
    entry.opening = producer.start();
    entry.opening.then(ended, ended);
    return entry.opening;
  }

  /** The same later, for the attempt that runs now. */
  #asNow<T>(work: () => T): () => T {
    const { context } = this.#parts;
    const attempt = context.current;
    return attempt === undefined ? work : () => context.enter(attempt, work);
  }

  #outboundOf(entry: ChannelProducer, channel: ChannelToken<unknown>): Outbound {
    const known = entry.outbounds.get(channel);
    if (known !== undefined) return known;
    this.#learn(channel);
    const outbound = this.#wayOut(channel, entry);
    entry.outbounds.set(channel, outbound);
    return outbound;
  }

  #encodedEntry(name: string): ChannelProducer {
    return this.#byChannel.get(name) ?? this.#onDemand(encodedOn(name));
  }

  /** One for all that was encoded already: whatever its class was, it is not asked. */
  #encodedWayOut(entry: ChannelProducer): Outbound {
    entry.encoded ??= this.#wayOut(encodedOn(entry.plan.channel), entry);
    return entry.encoded;
  }

  #onDemand(channel: ChannelToken<unknown>): ChannelProducer {
    return this.#enter(this.#parts.planFor(channel), true);
  }

  #enter(plan: ProducerPlan, isOnDemand: boolean): ChannelProducer {
    const producer = this.#producer(plan, plan.binding, plan.destination);
    const entry: ChannelProducer = { plan, producer, isOnDemand, outbounds: new Map() };
    this.#byChannel.set(plan.channel, entry);
    return entry;
  }

  #wayOut(channel: ChannelToken<unknown>, { plan, producer }: ChannelProducer): Outbound {
    const { codecs, context, middleware, events } = this.#parts;
    return new Outbound({
      binding: plan.binding,
      channel,
      contentType: plan.contentType,
      typeName: () => typeHeaderOf(channel, this.typesOn(channel.name)),
      keyOf: keyReader(channel, plan.settings.key),
      partitionOf: partitioner(channel, plan.settings.partitionCount),
      codecs,
      context,
      middleware,
      events,
      senderFor: (destination) =>
        destination === undefined || destination === plan.destination
          ? producer
          : this.#dynamicSender(plan, destination),
    });
  }

  #learn(channel: ChannelToken<unknown>): void {
    const types = this.#types.get(channel.name) ?? new Set();
    this.#types.set(channel.name, types.add(typeNameOf(channel)));
    const channels = this.#channels.get(channel.name) ?? new Set();
    this.#channels.set(channel.name, channels.add(channel));
    classCodings([channel]);
  }

  /** Dynamic destinations cost a map entry; they share the binder's connection. */
  #dynamicSender(plan: ProducerPlan, destination: string): RecordSender {
    const name = `${plan.binding}>${destination}`;
    const producer = this.#dynamic.get(name) ?? this.#producer(plan, name, destination);
    this.#dynamic.set(name, producer);
    return {
      destination,
      binder: plan.binder,
      send: async (record) => {
        await producer.start();
        await producer.send(record);
      },
    };
  }

  #producer(plan: ProducerPlan, name: string, destination: string): GuardedProducer {
    const { binders, events, logger, drainMs } = this.#parts;
    const { partitionCount, requiredGroups, health, native } = plan.settings;
    return new GuardedProducer({
      name,
      binderName: plan.binder,
      openBinder: () => binders.open(plan.binder),
      request: { binding: name, destination, partitionCount, requiredGroups, native },
      classes: () => classCodings(this.#channels.get(plan.channel) ?? []),
      drainMs,
      stalledAfterMs: health.stalledAfter,
      events,
      logger,
    });
  }
}

function encodedOn(name: string): ChannelToken<unknown> {
  return channel(name, 'bytes') as unknown as ChannelToken<unknown>;
}
