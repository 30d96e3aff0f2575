import type { ChannelToken } from '../channel/channel';
import { layer } from '../options/layer';
import { type ConsumerSettings, consumerOptions } from '../options/consumer-options';
import { type ProducerSettings, producerOptions } from '../options/producer-options';
import type { SinkOptions } from '../metadata/stream-metadata';
import type { BindingConfig, ResolvedConfig } from './config-schema';
import type { Faults } from './faults';
import { mergeOptions } from './merge-options';
import { suggestion } from './nearest';
import { readOptions } from './read-options';

/** What a producer binding will be made from. Frozen. */
export interface ProducerPlan {
  readonly binding: string;
  readonly channel: ChannelToken<unknown>;
  readonly destination: string;
  readonly binder: string;
  readonly contentType: string | undefined;
  readonly settings: ProducerSettings;
}

/** What a consumer binding will be made from. Frozen. */
export interface ConsumerPlan {
  readonly binding: string;
  readonly channel: ChannelToken<unknown>;
  readonly destinations: readonly string[];
  readonly group: string | undefined;
  readonly binder: string;
  readonly contentType: string | undefined;
  readonly settings: ConsumerSettings;
}

/** Joins what code names with what configuration says. Faults are collected; a plan with faults is `undefined`. */
export class BindingPlanner {
  readonly #config: ResolvedConfig;
  readonly #faults: Faults;

  constructor(config: ResolvedConfig, faults: Faults) {
    this.#config = config;
    this.#faults = faults;
  }

  producer(channel: ChannelToken<unknown>): ProducerPlan | undefined {
    const where = `bindings.${channel.name}`;
    const config = this.#bindingOf(channel);
    const binder = this.#binderOf(channel, config);
    const destinations = destinationsOf(channel, config);
    const [destination] = destinations;
    if (destinations.length > 1) {
      this.#faults.add(`${where}.destination`, `code sends to channel '${channel.name}', but it has several destinations`, 'Name one, or use a second channel');
    }
    const settings = readOptions(producerOptions, mergeOptions([config.producer]), `${where}.producer`, this.#faults);
    if (binder === undefined || destination === undefined || settings === undefined) return undefined;
    return Object.freeze({ binding: channel.name, channel, destination, binder, contentType: config.contentType, settings: Object.freeze(settings) });
  }

  consumer(channel: ChannelToken<unknown>, options: SinkOptions, owner: string): ConsumerPlan | undefined {
    const config = this.#bindingOf(channel);
    const binder = this.#binderOf(channel, config);
    const { group: named, broadcast = false, receive: _receive, ...decorated } = options;
    if (broadcast && named !== undefined) this.#faults.add(owner, 'a sink is either a broadcast or has a group', "Drop 'broadcast' or 'group'");
    const group = broadcast ? undefined : (named ?? this.#config.app);
    const checked = readOptions(layer(consumerOptions), decorated, `${owner} @Sink options`, this.#faults);
    const ofGroup = group === undefined ? undefined : config.groups?.[group];
    const settings = readOptions(consumerOptions, mergeOptions([checked, config.consumer, ofGroup]), `bindings.${channel.name}.consumer`, this.#faults);
    if (binder === undefined || checked === undefined || settings === undefined) return undefined;
    return Object.freeze({
      binding: consumerName(channel, group),
      channel,
      destinations: Object.freeze(destinationsOf(channel, config)),
      group,
      binder,
      contentType: config.contentType,
      settings: Object.freeze(settings),
    });
  }

  #bindingOf(channel: ChannelToken<unknown>): BindingConfig {
    return this.#config.bindings[channel.name] ?? {};
  }

  #binderOf(channel: ChannelToken<unknown>, config: BindingConfig): string | undefined {
    const known = Object.keys(this.#config.binders);
    const where = `bindings.${channel.name}.binder`;
    const named = config.binder ?? this.#config.defaultBinder ?? (known.length === 1 ? known[0] : undefined);
    if (named === undefined) {
      this.#faults.add(where, `channel '${channel.name}' has no binder, and there are several: ${known.join(', ')}`, "Set it, or set 'defaultBinder'");
      return undefined;
    }
    if (known.includes(named)) return named;
    this.#faults.add(config.binder === undefined ? 'defaultBinder' : where, `there is no binder '${named}'`, suggestion(named, known));
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
