import { GuardedProducer } from '../binder/guarded-producer';
import type { ChannelToken } from '../channel/channel';
import type { CodecRegistry } from '../codec/codec-registry';
import type { ProducerPlan } from '../config/binding-plans';
import type { Source } from '../decorators/source';
import type { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import type { Events } from '../observe/events';
import type { Logger } from '../observe/logger';
import { keyReader } from '../pipeline/key';
import { Outbound, type RecordSender } from '../pipeline/outbound';
import type { OpenBinders } from './binder-registry';

export interface ProducersParts {
  readonly binders: OpenBinders;
  readonly codecs: CodecRegistry;
  readonly events: Events;
  readonly logger: Logger;
  readonly drainMs: number;
  /** The plan of a channel no decorator named; throws a MillraceError where there can be none. */
  readonly planFor: (channel: ChannelToken<unknown>) => ProducerPlan;
}

/** The producer bindings of an application: those its decorators name, and those made on demand. */
export class Producers {
  readonly #parts: ProducersParts;
  readonly #byChannel = new Map<string, { readonly producer: GuardedProducer; readonly outbound: Outbound }>();
  readonly #dynamic = new Map<string, GuardedProducer>();

  constructor(parts: ProducersParts) {
    this.#parts = parts;
  }

  add(plan: ProducerPlan): GuardedProducer {
    const producer = this.#producer(plan, plan.binding, plan.destination);
    const { codecs, events } = this.#parts;
    const own: RecordSender = producer;
    const outbound = new Outbound({
      binding: plan.binding,
      channel: plan.channel,
      contentType: plan.contentType,
      keyOf: keyReader(plan.channel, plan.settings.key),
      codecs,
      events,
      senderFor: (destination) => (destination === undefined || destination === plan.destination ? own : this.#dynamicSender(plan, destination)),
    });
    this.#byChannel.set(plan.channel.name, { producer, outbound });
    return producer;
  }

  /** A sender for the channel; its binding is made now if no decorator asked for it. */
  source<T>(channel: ChannelToken<T>, admit: () => Promise<void>): Source<T> {
    const untyped = channel as unknown as ChannelToken<unknown>;
    return Object.freeze({
      channel,
      send: async (payload: T | Message<T>, options?: SendOptions) => {
        await admit();
        await (await this.#outbound(untyped)).send(payload, options);
      },
    });
  }

  handles(): GuardedProducer[] {
    return [...[...this.#byChannel.values()].map(({ producer }) => producer), ...this.#dynamic.values()];
  }

  async #outbound(channel: ChannelToken<unknown>): Promise<Outbound> {
    const known = this.#byChannel.get(channel.name);
    if (known !== undefined) return known.outbound;
    const producer = this.add(this.#parts.planFor(channel));
    await producer.start();
    return this.#outbound(channel);
  }

  /** Dynamic destinations cost a map entry; they share the binder's connection. */
  #dynamicSender(plan: ProducerPlan, destination: string): RecordSender {
    const name = `${plan.binding}>${destination}`;
    const producer = this.#dynamic.get(name) ?? this.#producer(plan, name, destination);
    this.#dynamic.set(name, producer);
    return {
      destination,
      send: async (record) => {
        await producer.start();
        await producer.send(record);
      },
    };
  }

  #producer(plan: ProducerPlan, name: string, destination: string): GuardedProducer {
    const { binders, events, logger, drainMs } = this.#parts;
    const { partitionCount, requiredGroups, native } = plan.settings;
    return new GuardedProducer({
      name,
      binderName: plan.binder,
      openBinder: () => binders.open(plan.binder),
      request: { binding: name, destination, partitionCount, requiredGroups, native },
      drainMs,
      events,
      logger,
    });
  }
}
