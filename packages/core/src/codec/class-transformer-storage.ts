/** What `@Type` said of a property. */
export interface TypeMetadata {
  readonly reflectedType?: unknown;
  readonly typeFunction?: ((help?: TypeHelp) => unknown) | undefined;
  readonly options?: { readonly discriminator?: { readonly subTypes: readonly { readonly value: unknown }[] } };
}

/** What the library tells the function given to `@Type`. */
export interface TypeHelp {
  readonly newObject: object;
  readonly object: object;
  readonly property: string;
}

interface Storage {
  findTypeMetadata(target: object, property: string): TypeMetadata | undefined;
  readonly _typeMetadatas: ReadonlyMap<object, ReadonlyMap<string, TypeMetadata>>;
  readonly _exposeMetadatas: ReadonlyMap<object, unknown>;
  readonly _excludeMetadatas: ReadonlyMap<object, unknown>;
  readonly _transformMetadatas: ReadonlyMap<object, unknown>;
}

/** The classes `@Type` names for a property. Nothing where the library's own store cannot be reached (a bundler's second copy). */
export function typesOfProperty(target: object, property: string): readonly unknown[] {
  const metadata = storage()?.findTypeMetadata(target, property);
  if (metadata === undefined) return [];
  const named = metadata.typeFunction === undefined ? metadata.reflectedType : metadata.typeFunction();
  return [named, ...(metadata.options?.discriminator?.subTypes.map(({ value }) => value) ?? [])];
}

/**
 * All that `@Type` said of a class, by property, when `@Type` is all the library was told of it and of its bases; `undefined`
 * where there is `@Expose`, `@Exclude` or `@Transform`, or where it cannot be known.
 */
export function typesAlone(target: object): ReadonlyMap<string, TypeMetadata> | undefined {
  const store = storage();
  if (store?._typeMetadatas === undefined) return undefined;
  const types = new Map<string, TypeMetadata>();
  // From the class to its bases: what the class says of a property is stronger.
  for (let current = target; typeof current === 'function'; current = Object.getPrototypeOf(current) as object) {
    const others = [store._exposeMetadatas, store._excludeMetadatas, store._transformMetadatas];
    if (others.some((metadata) => metadata === undefined || metadata.has(current))) return undefined;
    for (const [property, metadata] of store._typeMetadatas.get(current) ?? []) {
      if (!types.has(property)) types.set(property, metadata);
    }
  }
  return types;
}

/** The library keeps its metadata to itself; this is the one place that looks in. */
function storage(): Storage | undefined {
  try {
    return (require('class-transformer/cjs/storage') as { readonly defaultMetadataStorage?: Storage })
      .defaultMetadataStorage;
  } catch {
    return undefined;
  }
}
