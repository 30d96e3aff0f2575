import type { ChannelToken } from '../channel/channel';
import { type BindingPlanner, type ConsumerPlan, consumerName, type ProducerPlan } from '../config/binding-plans';
import type { Faults } from '../config/faults';
import { type ComponentClass, sinksOf, sourcesOf, tokenOf } from '../metadata/class-metadata';
import { payloadParameterFault } from '../metadata/payload-check';
import type { PollOptions, SinkDefinition, SinkOptions, SourceDefinition } from '../metadata/stream-metadata';
import { typeNameOf } from '../pipeline/type-name';
import { generatorFault } from './generator-fault';
import { pollFault } from './poll-schedule';

/** A sink method joined to its channel, and to the channel its result is sent to, if it is a processor. */
export interface SinkWiring {
  readonly owner: string;
  readonly component: ComponentClass;
  readonly method: string | symbol;
  readonly channel: ChannelToken<unknown>;
  readonly options: SinkOptions<never>;
  readonly receive: 'payload' | 'message';
  readonly when: SinkOptions<never>['when'];
  readonly messageId: SinkOptions<never>['messageId'];
  readonly output: ChannelToken<unknown> | undefined;
}

/** A consumer binding and the sinks that share it. */
export interface ConsumerWiring {
  readonly plan: ConsumerPlan;
  readonly sinks: readonly [SinkWiring, ...SinkWiring[]];
}

/** A method called on a schedule, whose results are published. */
export interface PollWiring {
  readonly owner: string;
  readonly component: ComponentClass;
  readonly method: string | symbol;
  readonly channel: ChannelToken<unknown>;
  readonly poll: PollOptions;
}

export interface Wiring {
  readonly consumers: readonly ConsumerWiring[];
  readonly producers: readonly ProducerPlan[];
  readonly polls: readonly PollWiring[];
  /** Where code sends to, for telling faults. */
  readonly sources: readonly { readonly owner: string; readonly channel: ChannelToken<unknown> }[];
  /** Every channel that code names, each class of it once. */
  readonly channels: readonly ChannelToken<unknown>[];
}

/** Reads the decorators of all components and joins them with the configuration. Faults are collected, not thrown. */
export function wire(components: readonly ComponentClass[], planner: BindingPlanner, faults: Faults): Wiring {
  const sinks: SinkWiring[] = [];
  const polls: PollWiring[] = [];
  const outputs: { readonly owner: string; readonly channel: ChannelToken<unknown> }[] = [];
  for (const component of new Set(components)) {
    if (typeof component !== 'function') {
      faults.add('components', `${String(component)} is not a class`, 'List the classes themselves');
      continue;
    }
    sinks.push(...wireSinks(component, faults));
    const sources = wireSources(component, faults);
    polls.push(...sources.polls);
    outputs.push(...sources.outputs);
  }
  const consumers = joinConsumers(sinks, planner, faults);
  const producers = new Map<string, ProducerPlan>();
  for (const { channel } of outputs) {
    const plan = producers.has(channel.name) ? undefined : planner.producer(channel);
    if (plan !== undefined) producers.set(channel.name, plan);
  }
  const channels = [...new Set([...sinks, ...outputs].map(({ channel }) => channel))];
  return { consumers, producers: [...producers.values()], polls, sources: outputs, channels };
}

/** The sinks of a component, joined to their channels. */
export function wireSinks(component: ComponentClass, faults: Faults): SinkWiring[] {
  const outputs = new Map(
    sourcesOf(component).flatMap((source) =>
      source.place === 'method' ? [[source.method, tokenOf(source.channel)] as const] : [],
    ),
  );
  return sinksOf(component).flatMap((sink) => {
    const owner = `${component.name}.${String(sink.method)}`;
    const channel = checkedChannel(sink.channel, owner, '@Sink', faults);
    if (isFaulty(component, sink, channel, owner, faults) || channel === undefined) return [];
    const { receive = 'payload', when, messageId } = sink.options;
    return [
      {
        owner,
        component,
        method: sink.method,
        channel,
        options: sink.options,
        receive,
        when,
        messageId,
        output: outputs.get(sink.method),
      },
    ];
  });
}

function isFaulty(
  component: ComponentClass,
  sink: SinkDefinition,
  channel: ChannelToken<unknown> | undefined,
  owner: string,
  faults: Faults,
): boolean {
  if (sink.isStatic) {
    faults.add(owner, '@Sink stands on a static method', 'Make it an instance method');
    return true;
  }
  const generator = generatorFault((component.prototype as Record<string | symbol, unknown>)[sink.method]);
  if (generator !== undefined) {
    faults.add(owner, ...generator);
    return true;
  }
  const { receive = 'payload', batch } = sink.options;
  if (channel === undefined || receive === 'message' || batch !== undefined) return false;
  const fault = payloadParameterFault(
    component.prototype as object,
    sink.method,
    channel.runtimeClass,
    channel.payloadName,
  );
  if (fault === undefined) return false;
  faults.add(owner, `@Sink(${channel.payloadName}) on channel '${channel.name}': ${fault.problem}`, fault.remedy);
  return true;
}

function wireSources(
  component: ComponentClass,
  faults: Faults,
): { outputs: { owner: string; channel: ChannelToken<unknown> }[]; polls: PollWiring[] } {
  const sinkMethods = new Set(sinksOf(component).map((sink) => sink.method));
  const outputs: { owner: string; channel: ChannelToken<unknown> }[] = [];
  const polls: PollWiring[] = [];
  for (const source of sourcesOf(component)) {
    const owner = `${component.name}${placeOf(source)}`;
    const channel = checkedChannel(source.channel, owner, '@Source', faults);
    const fault = sourceFault(source, sinkMethods);
    if (fault !== undefined) faults.add(owner, ...fault);
    if (channel === undefined || fault !== undefined) continue;
    outputs.push({ owner, channel });
    if (source.place === 'method' && source.poll !== undefined)
      polls.push({ owner, component, method: source.method, channel, poll: source.poll });
  }
  return { outputs, polls };
}

function sourceFault(
  source: SourceDefinition,
  sinkMethods: ReadonlySet<string | symbol>,
): [problem: string, remedy: string] | undefined {
  if (source.place === 'parameter') return undefined;
  if (source.isStatic) return ['@Source stands on a static member', 'Make it an instance member'];
  if (source.place !== 'method') return undefined;
  const isProcessor = sinkMethods.has(source.method);
  if (source.poll === undefined && !isProcessor) {
    return [
      '@Source stands on a method that nothing calls',
      "Add @Sink to make it a processor, or a schedule such as { every: '5s' }",
    ];
  }
  if (source.poll === undefined) return undefined;
  if (isProcessor)
    return [
      'a method with @Sink has a poll schedule',
      'A processor is called by its input; drop the schedule or the sink',
    ];
  const fault = pollFault(source.poll);
  if (fault !== undefined) return [fault, 'Mend the schedule'];
  if ((source.poll.every === undefined) === (source.poll.cron === undefined))
    return ["a polled source needs one of 'every' and 'cron'", "Write { every: '5s' } or { cron: '0 * * * *' }"];
  return undefined;
}

function placeOf(source: SourceDefinition): string {
  if (source.place === 'parameter') return `, constructor parameter ${source.index + 1}`;
  return `.${String(source.place === 'property' ? source.property : source.method)}`;
}

function checkedChannel(
  reference: unknown,
  owner: string,
  decorator: string,
  faults: Faults,
): ChannelToken<unknown> | undefined {
  const token = tokenOf(reference);
  if (token !== undefined) return token;
  if (typeof reference === 'function') {
    faults.add(
      owner,
      `${decorator}(${reference.name}): the class ${reference.name} has no channel`,
      `Decorate it with @Channel('name'), or pass channel('name', ${reference.name})`,
    );
  } else {
    const found = reference === undefined ? 'undefined at run time' : String(reference);
    faults.add(
      owner,
      `${decorator}: the channel is ${found}`,
      "Import the class without 'import type', and break circular imports between the two files",
    );
  }
  return undefined;
}

/** Sinks of one channel and group share a binding; their classes and filters tell them apart. */
function joinConsumers(sinks: readonly SinkWiring[], planner: BindingPlanner, faults: Faults): ConsumerWiring[] {
  const shared = new Map<string, [SinkWiring, ...SinkWiring[]]>();
  for (const sink of sinks) {
    const binding = consumerName(sink.channel, planner.groupOf(sink.options));
    const others = shared.get(binding);
    if (others === undefined) shared.set(binding, [sink]);
    else others.push(sink);
  }
  return [...shared.values()].flatMap((members) => {
    tellDoubles(members, planner, faults);
    const plan = planner.consumer(members[0].channel, members);
    return plan === undefined ? [] : [{ plan, sinks: members }];
  });
}

function tellDoubles(sinks: readonly SinkWiring[], planner: BindingPlanner, faults: Faults): void {
  const unfiltered = new Map<string, SinkWiring>();
  for (const sink of sinks) {
    const type = typeNameOf(sink.channel);
    const other = unfiltered.get(type);
    const group = planner.groupOf(sink.options);
    const place = group === undefined ? 'a broadcast' : `group '${group}'`;
    if (other !== undefined) {
      const problem = `it takes ${sink.channel.payloadName} from channel '${sink.channel.name}' in ${place}, and so does ${other.owner}; it would never get a message`;
      faults.add(
        sink.owner,
        problem,
        'Give one of them another group, or a filter: a sink with `when` goes before one without',
      );
    } else if (sink.when === undefined) unfiltered.set(type, sink);
    if (sink.options.batch !== undefined && sinks.length > 1) {
      faults.add(
        sink.owner,
        `a batch sink shares channel '${sink.channel.name}' in ${place} with another sink`,
        'Give it a group of its own',
      );
    }
  }
}
