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
  if (reference instanceof ChannelToken) return reference;
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

/** Whether the constructor's sources are already known to dependency injection; asked once for each class. */
export function claimInjection(target: object): boolean {
  if (readOwn<boolean>(target, 'injected') === true) return false;
  write(target, 'injected', true);
  return true;
}

/** Sources of the class's own constructor. */
export function ownParameterSources(target: object): readonly Extract<SourceDefinition, { place: 'parameter' }>[] {
  const own = readOwn<readonly SourceDefinition[]>(target, 'sources') ?? [];
  return own.filter((source) => source.place === 'parameter');
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
