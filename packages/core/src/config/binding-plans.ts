import type { z } from 'zod';
import type { ChannelToken } from '../channel/channel';
import type { SinkOptions } from '../metadata/stream-metadata';
import { type ConsumerOptions, type ConsumerSettings, consumerOptions } from '../options/consumer-options';
import { layer } from '../options/layer';
import { type ProducerSettings, producerOptions } from '../options/producer-options';
import { tellBrakeFaults } from './brake-faults';
import type { BindingConfig, ResolvedConfig } from './config-schema';
import { tellExactlyOnceFaults } from './exactly-once-faults';
import type { Faults } from './faults';
import { tellInboxFaults } from './inbox-faults';
import { mergeOptions } from './merge-options';
import { suggestion } from './nearest';
import { readOptions } from './read-options';
import { tellWorkerFaults } from './worker-faults';

/** What a producer binding will be made from. Frozen. */
export interface ProducerPlan {
  readonly binding: string;
  /** Name of the channel. */
  readonly channel: string;
  readonly destination: string;
  readonly binder: string;
  readonly contentType: string | undefined;
  readonly settings: ProducerSettings;
}

/** What a consumer binding will be made from. Frozen. */
export interface ConsumerPlan {
  readonly binding: string;
  /** Name of the channel. */
  readonly channel: string;
  readonly destinations: readonly string[];
  readonly group: string | undefined;
  readonly binder: string;
  readonly contentType: string | undefined;
  readonly settings: ConsumerSettings;
  /** Which share of the partitions this instance takes, where they are assigned statically. */
  readonly instance: { readonly index: number; readonly count: number } | undefined;
}

/** The schema of a binder's own options of producers or consumers; `undefined` for a binder that was not found. */
export type NativeSchemas = (binder: string, direction: 'producer' | 'consumer') => z.ZodType | undefined;

/** Options laid over those of every binding, stronger than the configuration and the environment. */
export interface Overrides {
  readonly consumer?: ConsumerOptions;
}

/** Joins what code names with what configuration says. Faults are collected; a plan with faults is `undefined`. */
export class BindingPlanner {
  readonly #config: ResolvedConfig;
  readonly #natives: NativeSchemas;
  readonly #faults: Faults;
  readonly #overrides: Overrides;

  constructor(config: ResolvedConfig, natives: NativeSchemas, faults: Faults, overrides: Overrides = {}) {
    this.#config = config;
    this.#natives = natives;
    this.#faults = faults;
    this.#overrides = overrides;
  }

  producer(channel: ChannelToken<unknown>): ProducerPlan | undefined {
    const where = `bindings.${channel.name}`;
    const config = this.#bindingOf(channel);
    const binder = this.#binderOf(channel, config);
    const destinations = destinationsOf(channel, config);
    const [destination] = destinations;
    if (destinations.length > 1) {
      this.#faults.add(
        `${where}.destination`,
        `code sends to channel '${channel.name}', but it has several destinations`,
        'Name one, or use a second channel',
      );
    }
    const settings = readOptions(producerOptions, mergeOptions([config.producer]), `${where}.producer`, this.#faults);
    if (binder === undefined || destination === undefined || settings === undefined) return undefined;
    const native = this.#native(binder, 'producer', settings.native, where);
    return Object.freeze({
      binding: channel.name,
      channel: channel.name,
      destination,
      binder,
      contentType: config.contentType,
      settings: Object.freeze({ ...settings, native }),
    });
  }

  /** The group of a sink; `undefined` for a broadcast. */
  groupOf(options: SinkOptions<never>): string | undefined {
    return options.broadcast === true ? undefined : (options.group ?? this.#config.app);
  }

  /** @param sinks the sinks that share the binding; their options are laid over one another */
  consumer(
    channel: ChannelToken<unknown>,
    sinks: readonly { readonly owner: string; readonly options: SinkOptions<never> }[],
  ): ConsumerPlan | undefined {
    const config = this.#bindingOf(channel);
    const binder = this.#binderOf(channel, config);
    const layers = sinks.map(({ owner, options }) => this.#decorated(owner, options));
    this.#tellConflicts(sinks, layers);
    const [first] = sinks;
    const group = first === undefined ? undefined : this.groupOf(first.options);
    const ofGroup = group === undefined ? undefined : config.groups?.[group];
    const where = `bindings.${channel.name}.consumer`;
    const merged = mergeOptions([...layers, config.consumer, ofGroup, this.#overrides.consumer]);
    const settings = withConcurrency(readOptions(consumerOptions, merged, where, this.#faults), merged);
    if (binder === undefined || settings === undefined) return undefined;
    if (settings.batch !== undefined && !layers.some((layer) => layer?.batch !== undefined)) {
      this.#faults.add(
        `${where}.batch`,
        `${first?.owner} takes one message at a time`,
        'Drop it, or write `batch` in the decorator and take lists',
      );
    }
    tellBrakeFaults(settings, where, this.#faults);
    tellExactlyOnceFaults(settings, group, where, this.#faults);
    tellInboxFaults(settings, group, where, this.#faults);
    tellWorkerFaults(settings, sinks, where, this.#faults);
    return Object.freeze({
      binding: consumerName(channel, group),
      channel: channel.name,
      destinations: Object.freeze(destinationsOf(channel, config)),
      group,
      binder,
      contentType: config.contentType,
      settings: Object.freeze({
        ...settings,
        native: this.#native(binder, 'consumer', settings.native, `bindings.${channel.name}`),
      }),
      instance: this.#instanceOf(settings, where),
    });
  }

  #decorated(owner: string, options: SinkOptions<never>): ConsumerOptions | undefined {
    const { group, broadcast, receive: _receive, when: _when, messageId: _messageId, batch, ...rest } = options;
    if (broadcast === true && group !== undefined)
      this.#faults.add(owner, 'a sink is either a broadcast or has a group', "Drop 'broadcast' or 'group'");
    return readOptions(
      layer(consumerOptions),
      { ...rest, batch: batch === true ? {} : batch },
      `${owner} @Sink options`,
      this.#faults,
    );
  }

  /** Options of sinks that share a binding must not contradict one another. */
  #tellConflicts(sinks: readonly { readonly owner: string }[], layers: readonly (ConsumerOptions | undefined)[]): void {
    const said = new Map<string, { readonly owner: string; readonly value: string }>();
    for (const [index, options] of layers.entries()) {
      const owner = sinks[index]?.owner ?? '';
      for (const [name, value] of Object.entries(options ?? {})) {
        const text = JSON.stringify(value);
        const other = said.get(name);
        if (other !== undefined && other.value !== text) {
          this.#faults.add(
            owner,
            `its ${name} is ${text}, but ${other.owner}, which shares its binding, says ${other.value}`,
            'Say it once, or the same twice',
          );
        }
        if (text !== undefined) said.set(name, { owner, value: text });
      }
    }
  }

  #instanceOf(settings: ConsumerSettings, where: string): ConsumerPlan['instance'] {
    if (settings.assignment === 'group') return undefined;
    if (this.#config.instance !== undefined) return this.#config.instance;
    this.#faults.add(
      `${where}.assignment`,
      'static assignment needs to know which instance this is',
      "Set 'instance.index' and 'instance.count'",
    );
    return undefined;
  }

  /** As the binder's schema reads it, with its defaults. */
  #native(
    binder: string,
    direction: 'producer' | 'consumer',
    native: Record<string, unknown>,
    where: string,
  ): Record<string, unknown> {
    const schema = this.#natives(binder, direction);
    if (schema === undefined) return native;
    const checked = readOptions(schema, native, `${where}.${direction}.native`, this.#faults);
    return (checked as Record<string, unknown> | undefined) ?? native;
  }

  #bindingOf(channel: ChannelToken<unknown>): BindingConfig {
    return this.#config.bindings[channel.name] ?? {};
  }

  #binderOf(channel: ChannelToken<unknown>, config: BindingConfig): string | undefined {
    const known = Object.keys(this.#config.binders);
    const where = `bindings.${channel.name}.binder`;
    const named = config.binder ?? this.#config.defaultBinder ?? (known.length === 1 ? known[0] : undefined);
    if (named === undefined) {
      this.#faults.add(
        where,
        `channel '${channel.name}' has no binder, and there are several: ${known.join(', ')}`,
        "Set it, or set 'defaultBinder'",
      );
      return undefined;
    }
    if (known.includes(named)) return named;
    this.#faults.add(
      config.binder === undefined ? 'defaultBinder' : where,
      `there is no binder '${named}'`,
      suggestion(named, known),
    );
    return undefined;
  }
}

/** Name of a consumer binding: `orders/baristas`, `orders/*` for a broadcast. */
export function consumerName(channel: ChannelToken<unknown>, group: string | undefined): string {
  return `${channel.name}/${group ?? '*'}`;
}

function destinationsOf(channel: ChannelToken<unknown>, config: BindingConfig): string[] {
  const { destination = channel.name } = config;
  return typeof destination === 'string' ? [destination] : [...destination];
}

/** Each worker thread has one message at a time, so that their number is the concurrency that nobody has to say. */
function withConcurrency(
  settings: ConsumerSettings | undefined,
  said: { readonly concurrency?: unknown },
): ConsumerSettings | undefined {
  if (settings === undefined || settings.workers === false || said.concurrency !== undefined) return settings;
  return { ...settings, concurrency: settings.workers };
}
