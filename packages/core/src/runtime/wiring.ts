import type { ChannelToken } from '../channel/channel';
import type { BindingPlanner, ConsumerPlan, ProducerPlan } from '../config/binding-plans';
import type { Faults } from '../config/faults';
import { type ComponentClass, sinksOf, sourcesOf, tokenOf } from '../metadata/class-metadata';
import { payloadParameterFault } from '../metadata/payload-check';
import type { SinkDefinition, SourceDefinition } from '../metadata/stream-metadata';

/** A sink method joined to its binding, and to the channel its result is sent to, if it is a processor. */
export interface SinkWiring {
  readonly owner: string;
  readonly component: ComponentClass;
  readonly method: string | symbol;
  readonly receive: 'payload' | 'message';
  readonly plan: ConsumerPlan;
  readonly output: ChannelToken<unknown> | undefined;
}

export interface Wiring {
  readonly sinks: readonly SinkWiring[];
  readonly producers: readonly ProducerPlan[];
}

/** Reads the decorators of all components and joins them with the configuration. Faults are collected, not thrown. */
export function wire(components: readonly ComponentClass[], planner: BindingPlanner, faults: Faults): Wiring {
  const producers = new Map<string, ProducerPlan>();
  const addProducer = (channel: ChannelToken<unknown>): void => {
    const plan = producers.has(channel.name) ? undefined : planner.producer(channel);
    if (plan !== undefined) producers.set(channel.name, plan);
  };
  const sinks: SinkWiring[] = [];
  for (const component of new Set(components)) {
    if (typeof component !== 'function') {
      faults.add('components', `${String(component)} is not a class`, 'List the classes themselves');
      continue;
    }
    sinks.push(...wireSinks(component, planner, faults));
    for (const channel of wireSources(component, faults)) addProducer(channel);
  }
  tellDoubles(sinks, faults);
  return { sinks, producers: [...producers.values()] };
}

function wireSinks(component: ComponentClass, planner: BindingPlanner, faults: Faults): SinkWiring[] {
  const outputs = new Map(sourcesOf(component).flatMap((source) => (source.place === 'method' ? [[source.method, tokenOf(source.channel)] as const] : [])));
  return sinksOf(component).flatMap((sink) => {
    const owner = `${component.name}.${String(sink.method)}`;
    const channel = checkedChannel(sink.channel, owner, '@Sink', faults);
    if (isFaulty(component, sink, channel, owner, faults) || channel === undefined) return [];
    const plan = planner.consumer(channel, sink.options, owner);
    if (plan === undefined) return [];
    const { receive = 'payload' } = sink.options;
    return [{ owner, component, method: sink.method, receive, plan, output: outputs.get(sink.method) }];
  });
}

function isFaulty(component: ComponentClass, sink: SinkDefinition, channel: ChannelToken<unknown> | undefined, owner: string, faults: Faults): boolean {
  if (sink.isStatic) {
    faults.add(owner, '@Sink stands on a static method', 'Make it an instance method');
    return true;
  }
  const takesPayload = (sink.options.receive ?? 'payload') === 'payload';
  if (channel === undefined || !takesPayload) return false;
  const fault = payloadParameterFault(component.prototype as object, sink.method, channel.payloadClass, channel.payloadName);
  if (fault === undefined) return false;
  faults.add(owner, `@Sink(${channel.payloadName}) on channel '${channel.name}': ${fault.split('. ')[0]}`, fault.split('. ')[1] ?? `Make it ${channel.payloadName}`);
  return true;
}

function wireSources(component: ComponentClass, faults: Faults): ChannelToken<unknown>[] {
  const sinkMethods = new Set(sinksOf(component).map((sink) => sink.method));
  return sourcesOf(component).flatMap((source) => {
    const owner = `${component.name}${placeOf(source)}`;
    if (source.place !== 'parameter' && source.isStatic) {
      faults.add(owner, '@Source stands on a static member', 'Make it an instance member');
      return [];
    }
    if (source.place === 'method' && !sinkMethods.has(source.method)) {
      faults.add(owner, '@Source stands on a method that nothing calls', 'Add @Sink to make it a processor, or inject a Source and send');
      return [];
    }
    return checkedChannel(source.channel, owner, '@Source', faults) ?? [];
  });
}

function placeOf(source: SourceDefinition): string {
  if (source.place === 'parameter') return `, constructor parameter ${source.index + 1}`;
  return `.${String(source.place === 'property' ? source.property : source.method)}`;
}

function checkedChannel(reference: unknown, owner: string, decorator: string, faults: Faults): ChannelToken<unknown> | undefined {
  const token = tokenOf(reference);
  if (token !== undefined) return token;
  if (typeof reference === 'function') {
    faults.add(owner, `${decorator}(${reference.name}): the class ${reference.name} has no channel`, `Decorate it with @Channel('name'), or pass channel('name', ${reference.name})`);
  } else {
    const found = reference === undefined ? 'undefined at run time' : `${String(reference)}`;
    faults.add(owner, `${decorator}: the channel is ${found}`, "Import the class without 'import type', and break circular imports between the two files");
  }
  return undefined;
}

function tellDoubles(sinks: readonly SinkWiring[], faults: Faults): void {
  const first = new Map<string, SinkWiring>();
  for (const sink of sinks) {
    const other = first.get(sink.plan.binding);
    if (other === undefined) {
      first.set(sink.plan.binding, sink);
      continue;
    }
    const { channel, group } = sink.plan;
    faults.add(
      sink.owner,
      `it takes ${channel.payloadName} from channel '${channel.name}' in ${group === undefined ? 'a broadcast' : `group '${group}'`}, and so does ${other.owner}; only one of them could get a message`,
      'Give one of them another group',
    );
  }
}
