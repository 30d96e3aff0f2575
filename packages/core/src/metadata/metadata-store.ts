import 'reflect-metadata';

/** The only file that touches reflect-metadata. Keys are global symbols, so that two copies of the package see one another's marks. */
export type MetadataKey = 'channel' | 'sinks' | 'sources' | 'injected';

const symbolOf = (key: MetadataKey): symbol => Symbol.for(`millrace:${key}`);

export function readOwn<V>(target: object, key: MetadataKey): V | undefined {
  return Reflect.getOwnMetadata(symbolOf(key), target) as V | undefined;
}

export function write<V>(target: object, key: MetadataKey, value: V): void {
  Reflect.defineMetadata(symbolOf(key), value, target);
}

/** Adds to the class's own list; lists of base classes stay as they are. */
export function append<V>(target: object, key: MetadataKey, value: V): void {
  write(target, key, [...(readOwn<readonly V[]>(target, key) ?? []), value]);
}

/** The lists of a class and its bases, the most basic first. */
export function readLineage<V>(target: object, key: MetadataKey): readonly (readonly V[])[] {
  const lists: (readonly V[])[] = [];
  for (
    let current: object | null = target;
    current !== null && current !== Function.prototype;
    current = Object.getPrototypeOf(current)
  ) {
    const own = readOwn<readonly V[]>(current, key);
    if (own !== undefined) lists.unshift(own);
  }
  return lists;
}

/** Whether the compiler emitted that a method returns something else than a promise, or nothing. `Object` may be anything. */
export function isEmittedAsSynchronous(prototype: object, method: string | symbol): boolean {
  if (!Reflect.hasMetadata('design:returntype', prototype, method)) return false;
  const type: unknown = Reflect.getMetadata('design:returntype', prototype, method);
  if (typeof type !== 'function') return true;
  return type !== Object && !('then' in ((type.prototype ?? {}) as object));
}

/** The parameter types the compiler emitted, where it did (`emitDecoratorMetadata`); a cross-check, never a source of truth. */
export function emittedParameterTypes(prototype: object, method: string | symbol): readonly unknown[] | undefined {
  return Reflect.getMetadata('design:paramtypes', prototype, method) as readonly unknown[] | undefined;
}
