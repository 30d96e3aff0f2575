import type { Container } from 'inversify';
import type { BinderModule } from '../binder/binder';
import { CodecRegistry } from '../codec/codec-registry';
import { jsonCodec } from '../codec/json-codec';
import { BindingPlanner, type ConsumerPlan, type ProducerPlan } from '../config/binding-plans';
import type { MillraceConfig, ResolvedConfig } from '../config/config-schema';
import { Faults } from '../config/faults';
import { loadConfig } from '../config/load-config';
import { readOptions } from '../config/read-options';
import { MillraceError } from '../errors/millrace-error';
import type { ComponentClass } from '../metadata/class-metadata';
import { Events } from '../observe/events';
import { defaultLogger, type Logger, silentLogger } from '../observe/logger';
import { Application } from './application';
import { type BinderEntry, findBinders, OpenBinders } from './binder-registry';
import { ComponentContainer } from './component-container';
import { Producers } from './producers';
import { drainOnSignals } from './signals';
import { wire } from './wiring';

export interface ApplicationOptions {
  /** Classes with `@Sink` and `@Source` members; one instance of each is made. */
  readonly components?: readonly ComponentClass[];
  /** An object, or the path of a file. Default: `millrace.yaml` or `millrace.json` in the working directory. */
  readonly config?: MillraceConfig | string;
  /** Binder modules known by their `type`, before packages are looked for. */
  readonly binders?: readonly BinderModule[];
  /** Your own inversify container, to inject your own services into components. Default: a fresh one. */
  readonly container?: Container;
  /** Any logger of pino's shape; `false` for none. Default: pino, JSON lines on standard output. */
  readonly logger?: Logger | false;
}

/** Puts an application together and checks it: wiring and configuration faults are thrown here, all at once. */
async function create(options: ApplicationOptions = {}): Promise<Application> {
  const config = loadConfig(options.config);
  const logger = options.logger === false ? silentLogger : (options.logger ?? defaultLogger(config.app, config.logging.level));
  const events = new Events(logger);
  const wiringFaults = new Faults();
  const configFaults = new Faults();
  const entries = findBinders(config, options.binders ?? [], configFaults);
  const wiring = wire(options.components ?? [], new BindingPlanner(config, configFaults), wiringFaults);
  for (const { plan } of wiring.sinks) checkNative(plan, entries, configFaults);
  for (const plan of wiring.producers) checkNative(plan, entries, configFaults);
  throwTogether(wiringFaults, configFaults);

  const binders = new OpenBinders(entries, config.app, logger);
  const codecs = new CodecRegistry([jsonCodec]);
  const shared = { binders, codecs, events, logger, drainMs: config.drainTimeout };
  const plannerFor = planners(config);
  const producers = new Producers({
    ...shared,
    planFor: (channel) => {
      const { planner, check } = plannerFor(`sending to channel '${channel.name}'`);
      const plan = planner.producer(channel);
      check();
      return plan as ProducerPlan;
    },
  });
  for (const plan of wiring.producers) producers.add(plan);
  const container = new ComponentContainer(options.container, [...new Set(options.components ?? [])]);
  return new Application({ ...shared, name: config.app, sinks: wiring.sinks, container, producers, plannerFor });
}

/**
 * Creates and starts an application, and keeps the process alive until SIGTERM or SIGINT: then it drains and the process ends
 * by itself. A second signal ends it at once, with exit code 1.
 */
async function run(options: ApplicationOptions = {}): Promise<Application> {
  const application = await create(options);
  drainOnSignals(application);
  await application.start();
  return application;
}

/** The way in. */
export const Millrace = Object.freeze({ create, run });

function checkNative(plan: ConsumerPlan | ProducerPlan, entries: ReadonlyMap<string, BinderEntry>, faults: Faults): void {
  const module = entries.get(plan.binder)?.module;
  if (module === undefined) return;
  const isConsumer = 'destinations' in plan;
  const schema = isConsumer ? module.consumerOptions : module.producerOptions;
  readOptions(schema, plan.settings.native, `bindings.${plan.channel.name}.${isConsumer ? 'consumer' : 'producer'}.native`, faults);
}

function planners(config: ResolvedConfig): (subject: string) => { planner: BindingPlanner; check: () => void } {
  return (subject) => {
    const faults = new Faults();
    return { planner: new BindingPlanner(config, faults), check: () => faults.throwIfAny('CONFIGURATION_INVALID', subject) };
  };
}

/** Wiring and configuration are told in one error when both are wrong, so that nobody mends one to meet the other. */
function throwTogether(wiring: Faults, config: Faults): void {
  if (wiring.count > 0 && config.count > 0) {
    throw new MillraceError('WIRING_INVALID', `${wiring.describe('the wiring')}\n${config.describe('the configuration')}`);
  }
  wiring.throwIfAny('WIRING_INVALID', 'the wiring');
  config.throwIfAny('CONFIGURATION_INVALID', 'the configuration');
}
