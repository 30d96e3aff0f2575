import { closest, distance } from 'fastest-levenshtein';

/** `Did you mean 'orders'?` where one of the known names is close; otherwise the list of them. */
export function suggestion(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none to choose from';
  const best = closest(name, [...known]);
  if (distance(name, best) <= Math.max(2, Math.floor(name.length / 3))) return `Did you mean '${best}'?`;
  return `Known: ${[...known].sort().join(', ')}`;
}
