/** Lays later option objects over earlier ones, key by key and level by level; lists and scalars are replaced whole. */
export function mergeOptions(layers: readonly (object | undefined)[]): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const options of layers) {
    for (const [name, value] of Object.entries(options ?? {})) {
      if (value === undefined) continue;
      const below = merged[name];
      merged[name] = isPlain(below) && isPlain(value) ? mergeOptions([below, value]) : value;
    }
  }
  return merged;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
