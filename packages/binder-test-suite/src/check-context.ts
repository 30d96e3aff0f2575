import { randomBytes } from 'node:crypto';
import {
  type Application,
  type ApplicationOptions,
  type BindingHandle,
  Millrace,
  type MillraceConfig,
  type Source,
} from '@millrace/core';
import type { Binder, Capabilities } from '@millrace/core/spi';
import type { BinderUnderTest, RawRecord, World } from './binder-under-test';
import { eventually, remains, within } from './eventually';
import { Faults } from './faults';
import { channelNames, Order } from './messages';
import { type Behaviour, Recorder } from './recorder';
import { silent } from './silent-logger';
import { modulesOf } from './world-modules';

/** Options of one channel's binding, as in a configuration. Not typed further: checks may be ahead of core. */
export type BindingOptions = Readonly<Record<string, unknown>>;

/** What a check wants different in an application. */
export interface TestApplicationOptions {
  /** Name of the application, the group of sinks that name none. Default: one of this check's own, the same for all. */
  readonly app?: string;
  readonly components?: ApplicationOptions['components'];
  /** Options by channel. The destination is this check's own unless given. */
  readonly bindings?: Readonly<Record<string, BindingOptions>>;
  /** Binders by name. Default: the suite's world, as `broker`. Channels use the first. */
  readonly worlds?: Readonly<Record<string, World>>;
  readonly faults?: Faults;
  readonly drainTimeout?: MillraceConfig['drainTimeout'];
}

/** What the checks of a file share. */
export interface Worlds {
  readonly world: World;
  /** Opened with the first call. */
  readonly ownWorld: () => Promise<World>;
}

const DEFAULT_WAIT_MS = 15_000;
/** Shorter than the defaults of core, so that retries do not fill the day; the rules are the same. */
const quickRetry = { backOff: { initial: '5ms', multiplier: 1.5, max: '50ms', jitter: 0 } };

/** What a check works with. One for each run of a check: its names are its own, and all it opens is closed at its end. */
export class CheckContext {
  readonly subject: BinderUnderTest;
  readonly world: World;
  readonly #ownWorld: () => Promise<World>;
  readonly #suffix = randomBytes(5).toString('hex');
  readonly #cleanUps: (() => Promise<unknown> | undefined)[] = [];

  constructor(subject: BinderUnderTest, worlds: Worlds) {
    this.subject = subject;
    this.world = worlds.world;
    this.#ownWorld = worlds.ownWorld;
  }

  get capabilities(): Capabilities {
    return this.subject.capabilities;
  }

  /** A name nobody else uses; the same for the same stem within this check. For destinations, groups, applications. */
  unique(stem: string): string {
    return `${stem}-${this.#suffix}`;
  }

  /** An application that is not started yet. It is stopped after the check. */
  async create(options: TestApplicationOptions = {}): Promise<Application> {
    const worlds = options.worlds ?? { broker: this.world };
    const config = this.config(options);
    for (const { destination, binder } of Object.values(config.bindings ?? {})) {
      const world = worlds[binder ?? config.defaultBinder ?? ''] ?? this.world;
      for (const name of [destination ?? []].flat()) await world.watch?.(name);
    }
    const app = await Millrace.create({
      config,
      components: options.components ?? [],
      binders: modulesOf(worlds, options.faults ?? new Faults()),
      logger: false,
    });
    this.#stopAfterwards(app);
    return app;
  }

  /** Only while it runs: an application that has stopped is let go, so that a check of memory sees what others leave behind. */
  #stopAfterwards(app: Application): void {
    const stop = (): Promise<void> => app.stop({ deadlineMs: 0 });
    app.events.on('application', ({ state }) => {
      const place = this.#cleanUps.indexOf(stop);
      if (state === 'starting' && place < 0) this.cleanUp(stop);
      if (state === 'stopped' && place >= 0) this.#cleanUps.splice(place, 1);
    });
  }

  async start(options: TestApplicationOptions = {}): Promise<Application> {
    const app = await this.create(options);
    await app.start();
    return app;
  }

  /** The configuration an application of this check gets: quick retries, its own destination for each channel. */
  config(options: TestApplicationOptions = {}): MillraceConfig {
    const worlds = options.worlds ?? { broker: this.world };
    const binders = Object.fromEntries(
      Object.entries(worlds).map(([name, { module, options: own }]) => [name, { ...own, type: module.type }]),
    );
    const names = new Set([...channelNames, ...Object.keys(options.bindings ?? {})]);
    const bindings = [...names].map((name) => [name, this.#binding(name, options.bindings?.[name] ?? {})]);
    return {
      app: options.app ?? this.unique('app'),
      defaultBinder: Object.keys(worlds)[0],
      binders,
      bindings: Object.fromEntries(bindings),
      drainTimeout: options.drainTimeout ?? this.ms(5_000),
    } as MillraceConfig;
  }

  /** A second broker, to be harmed if need be, or a second way to the same one; see `BinderUnderTest.separateWorlds`. */
  ownWorld(): Promise<World> {
    return this.#ownWorld();
  }

  /** The bare binder, without an application. It is closed after the check. */
  async binder(): Promise<Binder> {
    const { module, options } = this.world;
    const context = {
      name: 'broker',
      app: this.unique('app'),
      options: module.options.parse(options ?? {}),
      logger: silent,
    };
    const binder = await module.create(context);
    this.cleanUp(() => binder.close());
    return binder;
  }

  recorder<T = Order>(behaviour: Behaviour<T> = () => undefined): Recorder<T> {
    return new Recorder(behaviour, this.ms(DEFAULT_WAIT_MS));
  }

  /** Adds a sink for orders with a fresh recorder. */
  async record(app: Application, group: string, behaviour?: Behaviour<Order>): Promise<Recorder<Order>> {
    const recorder = this.recorder(behaviour);
    await app.sink(Order, { group }, recorder.handle);
    return recorder;
  }

  records(channel = 'orders'): Promise<readonly RawRecord[]> {
    return this.world.readRecords(this.unique(channel));
  }

  /** To be called before a destination is used that is no channel's own, so that {@link records} has its records. */
  async watch(stem: string): Promise<void> {
    await this.world.watch?.(this.unique(stem));
  }

  deadLetters(group: string, channel = 'orders'): Promise<readonly RawRecord[]> {
    return this.world.readDeadLetters(this.unique(channel), group);
  }

  /** Waits until the group has so many dead letters. */
  untilDeadLetters(group: string, count: number, channel = 'orders'): Promise<readonly RawRecord[]> {
    return this.eventually(async () => {
      const letters = await this.deadLetters(group, channel);
      if (letters.length < count) throw new Error(`${letters.length} of ${count} dead letters`);
      return letters;
    });
  }

  /** Tries the assertion until it holds; see {@link eventually}. Times are those of a broker in the same process. */
  eventually<R>(assertion: () => R | Promise<R>, timeoutMs = DEFAULT_WAIT_MS): Promise<R> {
    return eventually(assertion, this.ms(timeoutMs));
  }

  /** The assertion holds now and for a while; see {@link remains}. */
  remains(assertion: () => void | Promise<void>, durationMs = 100): Promise<void> {
    return remains(assertion, this.ms(durationMs));
  }

  within<R>(what: string, promise: Promise<R>, timeoutMs = DEFAULT_WAIT_MS): Promise<R> {
    return within(what, promise, this.ms(timeoutMs));
  }

  /** A span of time, longer for slow subjects. */
  ms(duration: number): number {
    return duration * (this.subject.slow ?? 1);
  }

  /** How often to do something expensive: less often with slow subjects, but never less than `least`. */
  times(count: number, least: number): number {
    return Math.max(least, Math.ceil(count / (this.subject.slow ?? 1)));
  }

  /** Runs after the check, also when it fails; the last registered first. */
  cleanUp(action: () => Promise<unknown> | undefined): void {
    this.#cleanUps.unshift(action);
  }

  /** Called by the suite. Does everything before it throws the first failure. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const action of this.#cleanUps.splice(0)) {
      try {
        await action();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  #binding(channel: string, options: BindingOptions): BindingOptions {
    const consumer = (options.consumer ?? {}) as BindingOptions;
    const retry = (consumer.retry ?? {}) as BindingOptions;
    return {
      destination: this.unique(channel),
      ...options,
      consumer: { native: this.world.consumer ?? {}, ...consumer, retry: { ...quickRetry, ...retry } },
    };
  }
}

/** Sends all at once, and waits until the broker has them. */
export async function sendAll<T>(source: Source<T>, payloads: readonly T[]): Promise<void> {
  await Promise.all(payloads.map((payload) => source.send(payload)));
}

/** Sends one after the other, each when the broker has the one before. */
export async function sendInTurn<T>(source: Source<T>, payloads: readonly T[]): Promise<void> {
  for (const payload of payloads) await source.send(payload);
}

/** The consumer binding of the orders channel. */
export function consumerOf(app: Application, group: string): BindingHandle {
  const name = `orders/${group}`;
  const binding = app.binding(name);
  if (binding === undefined)
    throw new Error(
      `no binding ${name} among ${app
        .bindings()
        .map((each) => each.name)
        .join(', ')}`,
    );
  return binding;
}
