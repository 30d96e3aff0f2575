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

/** By class, then by property; `undefined` is the class itself. */
type Others = ReadonlyMap<object, ReadonlyMap<string | undefined, unknown>>;

interface Storage {
  findTypeMetadata(target: object, property: string): TypeMetadata | undefined;
  readonly _typeMetadatas: ReadonlyMap<object, ReadonlyMap<string, TypeMetadata>>;
  readonly _exposeMetadatas: Others;
  readonly _excludeMetadatas: Others;
  readonly _transformMetadatas: Others;
}

/** The classes `@Type` names for a property. Nothing where the library's own store cannot be reached (a bundler's second copy). */
export function typesOfProperty(target: object, property: string): readonly unknown[] {
  const metadata = storage()?.findTypeMetadata(target, property);
  if (metadata === undefined) return [];
  const named = metadata.typeFunction === undefined ? metadata.reflectedType : metadata.typeFunction();
  return [named, ...(metadata.options?.discriminator?.subTypes.map(({ value }) => value) ?? [])];
}

/**
 * What class-transformer was told of a class or of its bases besides `@Type`: `@Transform of total`. `undefined` where that is
 * nothing.
 */
export function beyondTypes(target: object): string | undefined {
  const store = storage();
  if (store?._typeMetadatas === undefined) return "class-transformer's store is out of reach";
  const others = {
    Expose: store._exposeMetadatas,
    Exclude: store._excludeMetadatas,
    Transform: store._transformMetadatas,
  };
  for (const current of lineage(target)) {
    for (const [decorator, metadata] of Object.entries(others)) {
      if (metadata === undefined) return "class-transformer's store is of another kind";
      const [property] = metadata.get(current)?.keys() ?? [];
      if (metadata.has(current)) return `@${decorator} of ${property ?? 'the class'}`;
    }
  }
  return undefined;
}

/** What `@Type` said of a class and of its bases, by property. */
export function typesOf(target: object): ReadonlyMap<string, TypeMetadata> {
  const types = new Map<string, TypeMetadata>();
  for (const current of lineage(target)) {
    // What the class says of a property is stronger than what its bases say.
    for (const [property, metadata] of storage()?._typeMetadatas.get(current) ?? [])
      if (!types.has(property)) types.set(property, metadata);
  }
  return types;
}

/** From the class to its bases. */
function lineage(target: object): readonly object[] {
  const classes: object[] = [];
  for (let current = target; typeof current === 'function'; current = Object.getPrototypeOf(current) as object)
    classes.push(current);
  return classes;
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
