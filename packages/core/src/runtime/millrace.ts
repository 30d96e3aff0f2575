import type { Container } from 'inversify';
import { builtInCodecs } from '../codec/built-in-codecs';
import type { Codec } from '../codec/codec';
import { channelFaults } from '../codec/codec-faults';
import { CodecRegistry } from '../codec/codec-registry';
import { BindingPlanner, type NativeSchemas, type Overrides } from '../config/binding-plans';
import type { MillraceConfig, ResolvedConfig } from '../config/config-schema';
import { describeConfig } from '../config/describe-config';
import { Faults, faultText } from '../config/faults';
import { loadConfig } from '../config/load-config';
import { namesInCode } from '../config/names-in-code';
import type { Origin } from '../config/origin';
import { unusedNames } from '../config/unused-names';
import { MillraceError } from '../errors/millrace-error';
import type { Inbox } from '../inbox/inbox';
import type { ComponentClass } from '../metadata/class-metadata';
import type { Middleware } from '../middleware/middleware';
import { MiddlewareChains } from '../middleware/middleware-chains';
import { Events } from '../observe/events';
import { guardedLogger } from '../observe/guarded-logger';
import { defaultLogger, type Logger, silentLogger } from '../observe/logger';
import { MessageContext } from '../pipeline/message-context';
import { Application, type ApplicationParts } from './application';
import { type BinderEntry, findBinders, OpenBinders, type RegisteredBinders } from './binder-registry';
import { ComponentContainer } from './component-container';
import { tellOutsideOutputs } from './exactly-once';
import { OpenInbox } from './open-inbox';
import { Producers } from './producers';
import { drainOnSignals } from './signals';
import { type Wiring, wire } from './wiring';
import { componentsHere, elsewhereOf, tellWorkersFaults } from './workers/elsewhere';
import type { WorkersOption } from './workers/worker-options';

export interface ApplicationOptions {
  /** Classes with `@Sink` and `@Source` members; one instance of each is made. */
  readonly components?: readonly ComponentClass[];
  /** An object, or the path of a file. Default: `millrace.yaml` (or `.json`, `.ts`, `.js`) in the working directory. */
  readonly config?: MillraceConfig | string;
  /** Binder modules known by their `type`, as a list or by a function; they come before packages. */
  readonly binders?: RegisteredBinders;
  /** Codecs of your own; stronger than the built-in ones, later ones stronger than earlier ones. */
  readonly codecs?: readonly Codec[];
  /** Wraps the way of every message; the first is the outermost. */
  readonly middleware?: readonly Middleware[];
  /** Laid over every binding, stronger than all else that is configured: for test harnesses and tools. */
  readonly overrides?: Overrides;
  /**
   * What worker threads load, for sinks with `workers`. `inline` runs these in the thread of the application instead, for
   * tests and debuggers. No default.
   */
  readonly workers?: WorkersOption;
  /** Where `idempotent` sinks remember what they have handled. Default: in the memory of this process. */
  readonly inbox?: Inbox;
  /** Your own inversify container, to inject your own services into components. Default: a fresh one. */
  readonly container?: Container;
  /** Any logger of pino's shape; `false` for none. Default: pino, JSON lines on standard output. */
  readonly logger?: Logger | false;
}

/** Puts an application together and checks it: wiring and configuration faults are thrown here, all at once. */
async function create(options: ApplicationOptions = {}): Promise<Application> {
  const components = [...new Set(options.components ?? [])];
  const names = namesInCode(components);
  const { config, origin, directory } = await loadConfig(options.config, { names }).catch((error: unknown) =>
    throwWithWiring(error, components),
  );
  const logger = guardedLogger(loggerOf(options.logger, config));
  const codecs = new CodecRegistry([...builtInCodecs, ...(options.codecs ?? [])]);

  const wiringFaults = new Faults();
  const configFaults = new Faults(origin);
  const entries = await findBinders(config, options.binders ?? [], directory, configFaults);
  const wiring = wire(
    components,
    new BindingPlanner(config, nativesOf(entries), configFaults, options.overrides),
    wiringFaults,
  );
  const plans = [...wiring.consumers.map(({ plan }) => plan), ...wiring.producers];
  tellChannelFaults(wiring, codecs, wiringFaults);
  tellOutsideOutputs(wiring, wiringFaults);
  tellWorkersFaults(wiring, options.workers, wiringFaults);
  throwTogether(wiringFaults, configFaults);
  for (const fault of unusedNames(config, names))
    logger.warn({ where: fault.where }, faultText(fault, origin.placeOf(fault.where)));

  const binders = new OpenBinders(entries, config.app, logger);
  const middleware = new MiddlewareChains(options.middleware ?? []);
  const shared = {
    binders,
    inbox: new OpenInbox(options.inbox, { app: config.app, logger }),
    codecs,
    context: new MessageContext(),
    middleware,
    events: new Events(logger),
    logger,
    drainMs: config.drainTimeout,
  };
  const plannerWith = (faults: Faults): BindingPlanner =>
    new BindingPlanner(config, nativesOf(entries), faults, options.overrides);
  const planLater = latePlans(plannerWith, codecs, origin);
  const producers = new Producers(
    {
      ...shared,
      planFor: (channel) =>
        planLater(`sending to channel '${channel.name}'`, channel, 'send', (planner) => planner.producer(channel)),
    },
    wiring.channels,
  );
  for (const plan of wiring.producers) producers.add(plan);
  const given = {
    workers: options.workers,
    components,
    middleware: options.middleware ?? [],
    codecs: options.codecs ?? [],
  };
  return new Application({
    name: config.app,
    shared,
    channels: wiring.channels,
    consumers: wiring.consumers,
    polls: wiring.polls,
    container: new ComponentContainer(options.container, components, componentsHere(wiring, options.workers)),
    producers,
    elsewhere: (consumer) => elsewhereOf(consumer, { given, wiring, producers, shared }),
    startsLate: (binder) => binders.startsLate(binder),
    planLater,
    configuration: describeConfig(config, plans),
  });
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

function loggerOf(given: ApplicationOptions['logger'], config: ResolvedConfig): Logger {
  if (given === false) return silentLogger;
  return given ?? defaultLogger(config.app, config.logging.level);
}

function nativesOf(entries: ReadonlyMap<string, BinderEntry>): NativeSchemas {
  return (binder, direction) => {
    const module = entries.get(binder)?.module;
    return direction === 'producer' ? module?.producerOptions : module?.consumerOptions;
  };
}

/** What can be told of payloads before the first message. */
function tellChannelFaults({ consumers, producers, sources }: Wiring, codecs: CodecRegistry, faults: Faults): void {
  for (const { plan, sinks } of consumers) {
    for (const { channel, owner } of sinks) {
      for (const { problem, remedy } of channelFaults(channel, 'receive', plan.contentType, codecs))
        faults.add(owner, problem, remedy);
    }
  }
  for (const { channel, owner } of sources) {
    const plan = producers.find((candidate) => candidate.channel === channel.name);
    for (const { problem, remedy } of channelFaults(channel, 'send', plan?.contentType, codecs))
      faults.add(owner, problem, remedy);
  }
}

type PlanLater = ApplicationParts['planLater'];

/** Plans for bindings that are asked for while the application runs; what is wrong is thrown at once. */
function latePlans(planner: (faults: Faults) => BindingPlanner, codecs: CodecRegistry, origin: Origin): PlanLater {
  return (subject, channel, use, plan) => {
    const faults = new Faults(origin);
    const made = plan(planner(faults));
    for (const { problem, remedy } of channelFaults(channel, use, made?.contentType, codecs))
      faults.add(channel.name, problem, remedy);
    faults.throwIfAny('CONFIGURATION_INVALID', subject);
    return made as NonNullable<typeof made>;
  };
}

/** A configuration that cannot be read must not hide what is wrong with the wiring. */
async function throwWithWiring(configError: unknown, components: readonly ComponentClass[]): Promise<never> {
  const faults = new Faults();
  const { config } = await loadConfig({}, { environment: {} });
  wire(components, new BindingPlanner(config, () => undefined, new Faults()), faults);
  if (faults.count === 0 || !MillraceError.is(configError)) throw configError;
  throw new MillraceError('WIRING_INVALID', `${faults.describe('the wiring')}\n${configError.message}`, {
    cause: configError,
  });
}

/** Wiring and configuration are told in one error when both are wrong, so that nobody mends one to meet the other. */
function throwTogether(wiring: Faults, config: Faults): void {
  if (wiring.count > 0 && config.count > 0) {
    throw new MillraceError(
      'WIRING_INVALID',
      `${wiring.describe('the wiring')}\n${config.describe('the configuration')}`,
    );
  }
  wiring.throwIfAny('WIRING_INVALID', 'the wiring');
  config.throwIfAny('CONFIGURATION_INVALID', 'the configuration');
}
