import type { BindingHandle, StopOptions } from '../binder/binding-handle';
import type { GuardedConsumer } from '../binder/guarded-consumer';
import type { ChannelReference, ChannelToken } from '../channel/channel';
import type { BindingPlanner } from '../config/binding-plans';
import type { PayloadHandler } from '../decorators/sink';
import type { Source } from '../decorators/source';
import { MillraceError } from '../errors/millrace-error';
import { type ComponentClass, tokenOfTyped } from '../metadata/class-metadata';
import type { SinkOptions } from '../metadata/stream-metadata';
import type { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import type { ApplicationState, EventName, Listener } from '../observe/events';
import type { Logger } from '../observe/logger';
import type { HandlerRoute } from '../pipeline/handler-route';
import type { OpenBinders } from './binder-registry';
import type { ComponentContainer } from './component-container';
import { consumerFor, type ConsumersParts } from './consumers';
import type { Producers } from './producers';
import { routeOf } from './sink-route';
import type { SinkWiring } from './wiring';

/** The parts an application is put together from; see `assemble`. */
export interface ApplicationParts extends ConsumersParts {
  readonly name: string;
  readonly sinks: readonly SinkWiring[];
  readonly container: ComponentContainer;
  readonly producers: Producers;
  readonly plannerFor: (subject: string) => { readonly planner: BindingPlanner; readonly check: () => void };
}

/** Up when every binding that should run does, and none is in trouble. */
export interface Health {
  readonly status: 'up' | 'down';
  readonly bindings: readonly { readonly name: string; readonly state: BindingHandle['state']; readonly trouble: string | undefined }[];
}

/** A Millrace application: its components, and the bindings that join their channels to brokers. Made by `Millrace.create`. */
export class Application {
  readonly #parts: ApplicationParts;
  readonly #consumers = new Map<string, GuardedConsumer>();
  #state: ApplicationState = 'created';
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
    for (const wiring of parts.sinks) this.#addConsumer(wiring.plan.binding, consumerFor(wiring.plan, () => this.#routeOf(wiring), parts));
  }

  get name(): string {
    return this.#parts.name;
  }

  get state(): ApplicationState {
    return this.#state;
  }

  /** Creates the components, opens producers, then consumers. @throws MillraceError BINDER_FAILED, WIRING_INVALID; then everything is closed again */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'running') return;
      this.#to('starting');
      try {
        await this.#parts.container.open((channel) => this.#source(channel));
        await all(this.#parts.producers.handles().map((producer) => producer.start()));
        await all([...this.#consumers.values()].map((consumer) => consumer.start()));
        this.#to('running');
        this.#parts.logger.info({ app: this.name, bindings: this.bindings().length }, 'application running');
      } catch (error) {
        await this.#close({});
        throw error;
      }
    });
  }

  /**
   * Drains: intake ends, running handlers finish within the deadline (then their signal fires and their messages go back),
   * sends are confirmed, connections close. Safe to call at any time and any number of times.
   */
  stop(options: StopOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'created' || this.#state === 'stopped') {
        this.#to('stopped');
        return;
      }
      await this.#close(options);
      this.#parts.logger.info({ app: this.name }, 'application stopped');
    });
  }

  /** Sends to a channel; the same as `source(channel).send(payload, options)`. */
  send<T>(channel: ChannelReference<T>, payload: T | Message<T>, options?: SendOptions): Promise<void> {
    return this.source(channel).send(payload, options);
  }

  /** A sender for the channel. @throws MillraceError CHANNEL_UNKNOWN */
  source<T>(channel: ChannelReference<T>): Source<T> {
    return this.#source(knownChannel(channel));
  }

  /**
   * Adds a sink without a class, before the start or while running. Stop the handle to remove it.
   *
   * ```ts
   * const handle = await app.sink(Order, { group: 'audit' }, async (order) => { … });
   * ```
   *
   * @throws MillraceError CONFIGURATION_INVALID, WIRING_INVALID when the group has a sink on this channel, BINDER_FAILED
   */
  async sink<T>(channel: ChannelReference<T>, options: SinkOptions, handler: PayloadHandler<T>): Promise<BindingHandle> {
    const token = knownChannel(channel) as unknown as ChannelToken<unknown>;
    const owner = handler.name === '' ? `app.sink(${token.name})` : handler.name;
    const { planner, check } = this.#parts.plannerFor(`app.sink on channel '${token.name}'`);
    const plan = planner.consumer(token, options, owner);
    check();
    if (plan === undefined) throw new MillraceError('CONFIGURATION_INVALID', `app.sink on channel '${token.name}' has no plan`);
    const known = this.#consumers.get(plan.binding);
    if (known !== undefined && known.state !== 'stopped') {
      throw new MillraceError('WIRING_INVALID', `'${plan.binding}' has a sink already; choose another group, or stop that one first`);
    }
    const typed = handler as PayloadHandler<unknown>;
    const route: HandlerRoute = { owner, channel: token, handle: (message, signal) => typed(message.payload, message, signal) };
    const consumer = consumerFor(plan, () => route, this.#parts);
    this.#addConsumer(plan.binding, consumer);
    if (this.#state === 'starting' || this.#state === 'running') await consumer.start();
    return consumer;
  }

  bindings(): readonly BindingHandle[] {
    return [...this.#parts.producers.handles(), ...this.#consumers.values()];
  }

  /** The binding of that name, such as `orders` or `orders/baristas`. */
  binding(name: string): BindingHandle | undefined {
    return this.bindings().find((binding) => binding.name === name);
  }

  health(): Health {
    const bindings = this.bindings().map(({ name, state, trouble }) => ({ name, state, trouble: trouble?.message }));
    const isWell = this.#state === 'running' && bindings.every(({ state, trouble }) => trouble === undefined && state !== 'failed');
    return { status: isWell ? 'up' : 'down', bindings };
  }

  /** The instance of a component, or of anything else in the container. */
  get<T extends object>(component: abstract new (...args: never[]) => T): T {
    return this.#parts.container.get(component);
  }

  /** Watches what happens; see `MillraceEvents`. */
  get events(): { on<E extends EventName>(name: E, listener: Listener<E>): () => void } {
    return this.#parts.events;
  }

  #source<T>(channel: ChannelToken<T>): Source<T> {
    return this.#parts.producers.source(channel, () => this.#admitSend());
  }

  /** Sends of components wait for their binding while the application starts, and are allowed to handlers while it drains. */
  async #admitSend(): Promise<void> {
    if (this.#state === 'created') throw new MillraceError('APPLICATION_STATE', `application '${this.name}' is not started; nothing was sent`);
    if (this.#state === 'stopped') throw new MillraceError('APPLICATION_STOPPED', `application '${this.name}' is stopped; nothing was sent`);
  }

  #routeOf(wiring: SinkWiring): HandlerRoute {
    const instance = this.#parts.container.get(wiring.component);
    return routeOf(wiring, instance, wiring.output === undefined ? undefined : this.#source(wiring.output));
  }

  #addConsumer(name: string, consumer: GuardedConsumer): void {
    this.#consumers.set(name, consumer);
  }

  async #close(options: StopOptions): Promise<void> {
    this.#to('stopping');
    await Promise.allSettled([...this.#consumers.values()].map((consumer) => consumer.stop(options)));
    await Promise.allSettled(this.#parts.producers.handles().map((producer) => producer.stop(options)));
    await this.#parts.binders.close();
    await this.#parts.container.close();
    this.#to('stopped');
  }

  #to(state: ApplicationState): void {
    this.#state = state;
    this.#parts.events.emit('application', { application: this.name, state });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function knownChannel<T>(channel: ChannelReference<T>): ChannelToken<T> {
  const token = tokenOfTyped(channel);
  if (token !== undefined) return token;
  const found = typeof channel === 'function' ? `class ${channel.name}` : String(channel);
  throw new MillraceError('CHANNEL_UNKNOWN', `${found} names no channel; decorate it with @Channel, or make a token with channel()`);
}

/** Waits for all, then throws the first failure: nothing is left half open behind the caller's back. */
async function all(changes: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(changes)) if (result.status === 'rejected') throw result.reason;
}
