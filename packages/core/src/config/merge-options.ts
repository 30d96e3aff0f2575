/** Lays later option objects over earlier ones, key by key and level by level; lists and scalars are replaced whole. */
export function mergeOptions(layers: readonly (object | undefined)[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const options of layers) {
    for (const [name, value] of Object.entries(options ?? {})) {
      if (value === undefined) continue;
      const below = merged[name];
      merged[name] = isPlainObject(below) && isPlainObject(value) ? mergeOptions([below, value]) : value;
    }
  }
  return merged;
}

/** Data written by an author, as opposed to a list or an instance of a class. */
export function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
