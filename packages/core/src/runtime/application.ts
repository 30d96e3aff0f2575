import type { BindingHandle, StopOptions } from '../binder/binding-handle';
import type { GuardedConsumer } from '../binder/guarded-consumer';
import type { InboundRecord } from '../binder/record';
import type { ChannelReference, ChannelToken } from '../channel/channel';
import type { BindingPlanner, ConsumerPlan, ProducerPlan } from '../config/binding-plans';
import type { ConfigDescription } from '../config/describe-config';
import type { BatchHandler, MessageBatchHandler, MessageHandler, PayloadHandler } from '../decorators/sink';
import type { Source } from '../decorators/source';
import { MillraceError } from '../errors/millrace-error';
import type { Message } from '../message/message';
import type { SendOptions } from '../message/send-options';
import type { SinkOptions } from '../metadata/stream-metadata';
import type { ApplicationState, EventName, Listener } from '../observe/events';
import type { Health } from '../observe/health';
import { decodeAs } from '../pipeline/decode-as';
import type { HandlerRoute } from '../pipeline/handler-route';
import { MAX_DURATION_MS } from '../time/duration';
import { within } from '../time/within';
import type { ComponentContainer } from './component-container';
import { consumerFor, type Elsewhere } from './consumers';
import { generatorFault } from './generator-fault';
import { healthOf } from './health';
import { keepTrying } from './keep-trying';
import { knownChannel } from './known-channel';
import { Poller } from './poller';
import type { Producers, SharedParts } from './producers';
import { routeOf, routeTo } from './sink-route';
import type { ConsumerWiring, PollWiring, SinkWiring } from './wiring';
import { refuseWorkers } from './workers/refuse-workers';

/** The parts an application is put together from, by `Millrace.create`. */
export interface ApplicationParts {
  readonly name: string;
  readonly shared: SharedParts;
  readonly channels: readonly ChannelToken<unknown>[];
  readonly consumers: readonly ConsumerWiring[];
  readonly polls: readonly PollWiring[];
  readonly container: ComponentContainer;
  readonly producers: Producers;
  /** Where the handlers of a binding run, if not in this thread. */
  readonly elsewhere: (wiring: ConsumerWiring) => Elsewhere | undefined;
  /** Whether the bindings of a binder may open later than the start. */
  readonly startsLate: (binder: string) => boolean;
  /** Plans a binding that is asked for while the application runs. Throws what is wrong, of configuration and payload. */
  readonly planLater: <P extends ConsumerPlan | ProducerPlan>(
    subject: string,
    channel: ChannelToken<unknown>,
    use: 'send' | 'receive',
    plan: (planner: BindingPlanner) => P | undefined,
  ) => P;
  readonly configuration: ConfigDescription;
}

/** A Millrace application: its components, and the bindings that join their channels to brokers. Made by `Millrace.create`. */
export class Application {
  readonly #parts: ApplicationParts;
  readonly #consumers = new Map<string, GuardedConsumer>();
  #pollers: readonly Poller[] = [];
  /** A running application keeps the process alive, whatever its binders do. */
  #keepAlive: NodeJS.Timeout | undefined;
  #stopping = new AbortController();
  #state: ApplicationState = 'created';
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ApplicationParts) {
    this.#parts = parts;
    for (const wiring of parts.consumers) {
      const { plan, sinks } = wiring;
      const [first, ...others] = sinks;
      const routes = (): [HandlerRoute, ...HandlerRoute[]] => [
        this.#routeOf(first),
        ...others.map((sink) => this.#routeOf(sink)),
      ];
      const channels = sinks.map(({ channel }) => channel);
      this.#consumers.set(
        plan.binding,
        consumerFor(plan, channels, routes, parts.shared, parts.producers, parts.elsewhere(wiring)),
      );
    }
  }

  get name(): string {
    return this.#parts.name;
  }

  get state(): ApplicationState {
    return this.#state;
  }

  /** Opens producers, creates the components (which may send already), then opens consumers. The process then lives until the stop. @throws MillraceError BINDER_FAILED, WIRING_INVALID; then everything is closed again */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state === 'running') return;
      this.#to('starting');
      this.#stopping = new AbortController();
      this.#keepAlive = setInterval(() => undefined, MAX_DURATION_MS);
      try {
        await this.#startAll(this.#parts.producers.handles());
        await this.#parts.container.open((channel) => this.#userSource(channel));
        await this.#startAll([...this.#consumers.values()]);
        this.#pollers = this.#parts.polls.map((wiring) => this.#pollerOf(wiring));
        for (const poller of this.#pollers) poller.start();
        this.#to('running');
        this.#parts.shared.logger.info({ app: this.name, bindings: this.bindings().length }, 'application running');
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
      this.#parts.shared.logger.info({ app: this.name }, 'application stopped');
    });
  }

  /** Sends to a channel; the same as `source(channel).send(payload, options)`. */
  async send<T>(channel: ChannelReference<T>, payload: T | Message<T>, options?: SendOptions): Promise<void> {
    return this.source(channel).send(payload, options);
  }

  /** A sender for the channel. @throws MillraceError CHANNEL_UNKNOWN */
  source<T>(channel: ChannelReference<T>): Source<T> {
    return this.#userSource(knownChannel(channel));
  }

  /**
   * Adds a sink without a class, before the start or while running. Stopping the handle ends it and frees its group.
   *
   * ```ts
   * const handle = await app.sink(Order, { group: 'audit' }, async (order) => { … });
   * ```
   *
   * @throws MillraceError CONFIGURATION_INVALID, WIRING_INVALID when the group has a sink on this channel, BINDER_FAILED
   */
  async sink<T>(
    channel: ChannelReference<T>,
    options: SinkOptions<T> & { readonly batch: object | true; readonly receive: 'message' },
    handler: MessageBatchHandler<T>,
  ): Promise<BindingHandle>;
  async sink<T>(
    channel: ChannelReference<T>,
    options: SinkOptions<T> & { readonly batch: object | true; readonly receive?: 'payload' },
    handler: BatchHandler<T>,
  ): Promise<BindingHandle>;
  async sink<T>(
    channel: ChannelReference<T>,
    options: SinkOptions<T> & { readonly receive: 'message'; readonly batch?: undefined },
    handler: MessageHandler<T>,
  ): Promise<BindingHandle>;
  async sink<T>(
    channel: ChannelReference<T>,
    options: SinkOptions<T> & { readonly receive?: 'payload'; readonly batch?: undefined },
    handler: PayloadHandler<T>,
  ): Promise<BindingHandle>;
  async sink(
    channel: ChannelReference<unknown>,
    options: SinkOptions,
    handler: (...args: never[]) => unknown,
  ): Promise<BindingHandle> {
    const token = knownChannel(channel);
    const owner = handler.name === '' ? `app.sink(${token.name})` : handler.name;
    const generator = generatorFault(handler);
    if (generator !== undefined) throw new MillraceError('WIRING_INVALID', `${owner}: ${generator.join('. ')}`);
    const sinks = [{ owner, options: options as SinkOptions<never> }];
    const subject = `app.sink on channel '${token.name}'`;
    const plan = this.#parts.planLater(subject, token, 'receive', (planner) => planner.consumer(token, sinks));
    refuseWorkers(plan, owner);
    const known = this.#consumers.get(plan.binding);
    if (known !== undefined && known.state !== 'stopped') {
      throw new MillraceError(
        'WIRING_INVALID',
        `'${plan.binding}' has a sink already; choose another group, or stop that one first`,
      );
    }
    const { when, messageId, receive = 'payload' } = options as SinkOptions<never>;
    const route = routeTo(
      { owner, channel: token, receive, when, messageId },
      handler as (...args: unknown[]) => unknown,
    );
    const consumer = consumerFor(plan, [token], () => [route], this.#parts.shared, this.#parts.producers);
    this.#consumers.set(plan.binding, consumer);
    if (this.#state === 'starting' || this.#state === 'running') await this.#startOrForget(consumer);
    return consumer;
  }

  async #startOrForget(consumer: GuardedConsumer): Promise<void> {
    try {
      await consumer.start();
    } catch (error) {
      this.#consumers.delete(consumer.name);
      throw error;
    }
  }

  bindings(): readonly BindingHandle[] {
    return [...this.#parts.producers.handles(), ...this.#consumers.values()];
  }

  /** The binding of that name, such as `orders` or `orders/baristas`. */
  binding(name: string): BindingHandle | undefined {
    return this.bindings().find((binding) => binding.name === name);
  }

  /** How it is doing, as data. Never throws, and asks nobody outside the process: fit for a probe. */
  health(): Health {
    const bindings = this.bindings().map((binding) => binding.health());
    return healthOf(this.#state, bindings, this.#parts.shared.binders);
  }

  /** The configuration in force: all layers merged, defaults filled in, secrets masked. */
  configuration(): ConfigDescription {
    return this.#parts.configuration;
  }

  /** Every channel its components name, each class of it once. */
  channels(): readonly ChannelToken<unknown>[] {
    return this.#parts.channels;
  }

  /** Reads a record as a sink of the channel would. @throws MillraceError with the reason a dead letter would have */
  async decode<T>(channel: ChannelReference<T>, record: InboundRecord): Promise<Message<T>> {
    const { consumers, shared } = this.#parts;
    const token = knownChannel(channel);
    const contentType = consumers.find(({ plan }) => plan.channel === token.name)?.plan.contentType;
    return decodeAs(token, record, contentType, shared.codecs);
  }

  /** The instance of a component, or of anything else in the container. */
  get<T extends object>(component: abstract new (...args: never[]) => T): T {
    return this.#parts.container.get(component);
  }

  /** Watches what happens; see `MillraceEvents`. */
  get events(): { on<E extends EventName>(name: E, listener: Listener<E>): () => void } {
    return this.#parts.shared.events;
  }

  /** One that handlers may send with. */
  #userSource<T>(channel: ChannelToken<T>): Source<T> {
    this.#parts.shared.context.open();
    return this.#source(channel);
  }

  #source<T>(channel: ChannelToken<T>): Source<T> {
    return this.#parts.producers.source(channel, () => this.#admitSend());
  }

  /** Components may send as soon as they are made, and handlers while the application drains. */
  #admitSend(): void {
    if (this.#state === 'created')
      throw new MillraceError('APPLICATION_STATE', `application '${this.name}' is not started; nothing was sent`);
    if (this.#state === 'stopped')
      throw new MillraceError('APPLICATION_STOPPED', `application '${this.name}' is stopped; nothing was sent`);
  }

  #routeOf(wiring: SinkWiring): HandlerRoute {
    const instance = this.#parts.container.get(wiring.component);
    return routeOf(wiring, instance, wiring.output === undefined ? undefined : this.#source(wiring.output));
  }

  #pollerOf(wiring: PollWiring): Poller {
    const { events, logger } = this.#parts.shared;
    const instance = this.#parts.container.get(wiring.component) as Record<string | symbol, () => unknown>;
    return new Poller({
      wiring,
      call: () => instance[wiring.method]?.(),
      output: this.#source(wiring.channel),
      events,
      logger,
    });
  }

  /** Opens bindings side by side; throws the first failure when all are through. Those that may be late are tried again in the background. */
  async #startAll(bindings: readonly BindingHandle[]): Promise<void> {
    const { startsLate, shared } = this.#parts;
    const results = await Promise.allSettled(
      bindings.map((binding) =>
        binding.start().catch((error: unknown) => {
          if (!startsLate(binding.binder) || !MillraceError.is(error, 'BINDER_FAILED')) throw error;
          void keepTrying(binding, this.#stopping.signal, shared.logger);
        }),
      ),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #close(options: StopOptions): Promise<void> {
    this.#to('stopping');
    this.#stopping.abort();
    const polled = Promise.all(this.#pollers.map((poller) => poller.stop()));
    const deadlineMs = options.deadlineMs ?? this.#parts.shared.drainMs;
    if (!(await within(polled, deadlineMs))) {
      this.#parts.shared.logger.error(
        { app: this.name, deadlineMs },
        'a poll was still running at the drain deadline; going on without it',
      );
    }
    await Promise.allSettled([...this.#consumers.values()].map((consumer) => consumer.stop(options)));
    await Promise.allSettled(this.#parts.producers.handles().map((producer) => producer.stop(options)));
    await this.#parts.shared.inbox.close();
    await this.#parts.shared.binders.close();
    await this.#parts.container.close();
    clearInterval(this.#keepAlive);
    this.#to('stopped');
  }

  #to(state: ApplicationState): void {
    this.#state = state;
    this.#parts.shared.events.emit('application', { application: this.name, state });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
