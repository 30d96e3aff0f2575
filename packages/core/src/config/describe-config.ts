import type { ConsumerPlan, ProducerPlan } from './binding-plans';
import type { ResolvedConfig } from './config-schema';
import { redact } from './redact';

/** The configuration in force, for printing: all layers merged, defaults filled in, secrets masked. */
export interface ConfigDescription {
  readonly app: string;
  readonly drainTimeout: number;
  readonly logging: ResolvedConfig['logging'];
  /** Options of the binders, as configured. */
  readonly binders: Readonly<Record<string, unknown>>;
  /** By the name of the binding: `orders` for the producer, `orders/baristas` for a consumer. */
  readonly bindings: Readonly<Record<string, unknown>>;
}

/** Describes what the application was made from. Times are in milliseconds. */
export function describeConfig(
  config: ResolvedConfig,
  plans: readonly (ConsumerPlan | ProducerPlan)[],
): ConfigDescription {
  const { app, drainTimeout, logging, binders } = config;
  const bindings = Object.fromEntries(plans.map(({ binding, channel, ...plan }) => [binding, { channel, ...plan }]));
  return redact({ app, drainTimeout, logging, binders, bindings }) as ConfigDescription;
}
