import { type ChannelReference, ChannelToken } from '../channel/channel';
import { append, readLineage, readOwn, write } from './metadata-store';
import type { SinkDefinition, SourceDefinition } from './stream-metadata';

/** A class as decorators and dependency injection see it. */
export type ComponentClass = abstract new (...args: never[]) => object;

export function writeChannel(target: object, token: ChannelToken<unknown>): void {
  write(target, 'channel', token);
}

/** The token behind a reference; `undefined` where the value names no channel. A subclass does not inherit its base's channel. */
export function tokenOf(reference: unknown): ChannelToken<unknown> | undefined {
  if (ChannelToken.is(reference)) return reference;
  return typeof reference === 'function' ? readOwn<ChannelToken<unknown>>(reference, 'channel') : undefined;
}

export function tokenOfTyped<T>(reference: ChannelReference<T>): ChannelToken<T> | undefined {
  return tokenOf(reference) as ChannelToken<T> | undefined;
}

export function addSink(target: object, sink: SinkDefinition): void {
  append(target, 'sinks', sink);
}

export function addSource(target: object, source: SourceDefinition): void {
  append(target, 'sources', source);
}

/** Sinks of a class, inherited ones included; a method decorated again in a subclass replaces the base's sinks of that method. */
export function sinksOf(target: object): readonly SinkDefinition[] {
  return overridden(readLineage<SinkDefinition>(target, 'sinks'), (sink) => sink.method);
}

export function sourcesOf(target: object): readonly SourceDefinition[] {
  return overridden(readLineage<SourceDefinition>(target, 'sources'), placeOf);
}

/** A constructor parameter that gets a source, and the identifier by which dependency injection fills it. */
export interface InjectionPoint {
  readonly index: number;
  readonly channel: unknown;
  readonly identifier: symbol;
}

/**
 * The constructor's sources; a class without a constructor of its own has those of its base. The first time they are asked
 * for, `declare` tells dependency injection of each.
 */
export function injectionPoints(
  target: ComponentClass,
  declare: (point: InjectionPoint) => void,
): readonly InjectionPoint[] {
  const known = readOwn<readonly InjectionPoint[]>(target, 'injected');
  if (known !== undefined) return known;
  const lists = readLineage<SourceDefinition>(target, 'sources').map((list) => list.filter(isParameter));
  const nearest = lists.reverse().find((list) => list.length > 0) ?? [];
  const points = nearest.map(({ index, channel }) => ({
    index,
    channel,
    identifier: Symbol(`@Source parameter ${index} of ${target.name}`),
  }));
  points.forEach(declare);
  write(target, 'injected', points);
  return points;
}

type ParameterSource = Extract<SourceDefinition, { place: 'parameter' }>;

function isParameter(source: SourceDefinition): source is ParameterSource {
  return source.place === 'parameter';
}

function placeOf(source: SourceDefinition): string | symbol {
  if (source.place === 'parameter') return `parameter ${source.index}`;
  return source.place === 'property' ? source.property : source.method;
}

function overridden<V>(lineage: readonly (readonly V[])[], nameOf: (value: V) => string | symbol): readonly V[] {
  let inherited: readonly V[] = [];
  for (const own of lineage) {
    const names = new Set(own.map(nameOf));
    inherited = [...inherited.filter((value) => !names.has(nameOf(value))), ...own];
  }
  return inherited;
}
