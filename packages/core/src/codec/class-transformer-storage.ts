/** What `@Type` said of a property. */
interface TypeMetadata {
  readonly reflectedType?: unknown;
  readonly typeFunction?: (() => unknown) | undefined;
  readonly options?: { readonly discriminator?: { readonly subTypes: readonly { readonly value: unknown }[] } };
}

interface Storage {
  findTypeMetadata(target: object, property: string): TypeMetadata | undefined;
}

/** The classes `@Type` names for a property. Nothing where the library's own store cannot be reached (a bundler's second copy). */
export function typesOfProperty(target: object, property: string): readonly unknown[] {
  const metadata = storage()?.findTypeMetadata(target, property);
  if (metadata === undefined) return [];
  const named = metadata.typeFunction === undefined ? metadata.reflectedType : metadata.typeFunction();
  return [named, ...(metadata.options?.discriminator?.subTypes.map(({ value }) => value) ?? [])];
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
