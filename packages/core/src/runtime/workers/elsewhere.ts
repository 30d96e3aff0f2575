import type { Codec } from '../../codec/codec';
import type { ConsumerPlan, ProducerPlan } from '../../config/binding-plans';
import type { Faults } from '../../config/faults';
import type { ComponentClass } from '../../metadata/class-metadata';
import type { Middleware } from '../../middleware/middleware';
import type { Elsewhere } from '../consumers';
import type { Producers, SharedParts } from '../producers';
import type { ConsumerWiring, Wiring } from '../wiring';
import { loadPiscina } from './thread-pool';
import type { WorkerProducer, WorkerSetup } from './worker-messages';
import { type WorkersOption, workerFile, workerOptionsFault } from './worker-options';
import { undecoded, workerRoute } from './worker-route';
import { codecNames, signatureOf } from './worker-sinks';
import { WorkerThreads } from './worker-threads';

/** What the application was given, for comparison with what its threads load. */
export interface ApplicationGiven {
  readonly workers: WorkersOption | undefined;
  readonly components: readonly ComponentClass[];
  readonly middleware: readonly Middleware[];
  readonly codecs: readonly Codec[];
}

/** Tells what is known to be wrong with worker threads before one is started. */
export function tellWorkersFaults({ consumers }: Wiring, option: WorkersOption | undefined, faults: Faults): void {
  const [first] = consumers.filter(({ plan }) => plan.settings.workers !== false);
  if (first === undefined) return;
  const fault = workerOptionsFault(option);
  if (fault !== undefined) faults.add(first.sinks[0].owner, ...fault);
  if (option === 'inline') return;
  try {
    loadPiscina();
  } catch (error) {
    faults.add(first.sinks[0].owner, (error as Error).message, 'Or drop its workers');
  }
}

/** Whether the sinks of a binding run in threads. */
function areElsewhere({ plan }: ConsumerWiring, option: WorkersOption | undefined): boolean {
  return plan.settings.workers !== false && option !== 'inline';
}

/** Components all of whose sinks run in threads have no work here: they are not created at the start. */
export function componentsHere(
  { consumers, polls }: Wiring,
  option: WorkersOption | undefined,
): (component: ComponentClass) => boolean {
  const isIn = (away: boolean) =>
    new Set(
      consumers
        .filter((wiring) => areElsewhere(wiring, option) === away)
        .flatMap(({ sinks }) => sinks.map(({ component }) => component)),
    );
  const [away, here] = [isIn(true), isIn(false)];
  const polled = new Set(polls.map(({ component }) => component));
  return (component) => !away.has(component) || here.has(component) || polled.has(component);
}

export interface ElsewhereParts {
  readonly given: ApplicationGiven;
  readonly wiring: Wiring;
  readonly producers: Producers;
  readonly shared: SharedParts;
}

/** The threads of a binding and the route to them; `undefined` where its handlers run in the thread of the application. */
export function elsewhereOf(wiring: ConsumerWiring, { given, ...parts }: ElsewhereParts): Elsewhere | undefined {
  const { workers } = given;
  const { plan, sinks } = wiring;
  if (workers === undefined || workers === 'inline' || plan.settings.workers === false) return undefined;
  const { events, logger } = parts.shared;
  const threads = new WorkerThreads({
    binding: plan.binding,
    threads: plan.settings.workers,
    options: workers,
    setup: () => ({
      ...setupOf(plan),
      module: workerFile(workers),
      sinks: sinks.map(signatureOf),
      components: given.components.map(({ name }) => name),
      middleware: given.middleware.map(({ name }) => name),
      codecs: codecNames(given.codecs),
      producers: parts.wiring.producers.map((each) => producerOf(each, parts.producers)),
    }),
    events,
    logger,
  });
  const route = workerRoute(sinks, threads, (output) => parts.producers.forward(output));
  return { workers: threads, route, decoder: undecoded(route) };
}

function setupOf({
  binding,
  channel,
  group,
  contentType,
  settings,
}: ConsumerPlan): Pick<
  WorkerSetup,
  'binding' | 'channel' | 'group' | 'contentType' | 'timeout' | 'maxBytes' | 'maxHeaders'
> {
  const { timeout, maxBytes, maxHeaders } = settings;
  return { binding, channel, group, contentType, timeout, maxBytes, maxHeaders };
}

function producerOf(plan: ProducerPlan, producers: Producers): WorkerProducer {
  const { binding, channel, destination, binder, contentType, settings } = plan;
  const { key, partitionCount } = settings;
  const types = [...producers.typesOn(channel)];
  return { binding, channel, destination, binder, contentType, key, partitionCount, types };
}
