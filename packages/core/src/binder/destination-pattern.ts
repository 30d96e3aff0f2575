/** A name with `*` stands for many destinations. */
export function isPattern(name: string): boolean {
  return name.includes('*');
}

/**
 * Tells which destinations a pattern means: `*` stands for any characters, dots too, also for none. Dead letters are left out
 * unless the pattern begins with `error.`, and then dead letters of dead letters are: otherwise a consumer would be fed its
 * own failures.
 */
export function destinationPattern(pattern: string): (name: string) => boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  const ownFailures = `${/^(?:error\.)*/.exec(pattern)?.[0]}error.`;
  return (name) => isMeant(name, first, others, last) && !name.startsWith(ownFailures);
}

/** Each part where it stands first behind the one before it: if any places do, these do. An expression would try all others too. */
function isMeant(name: string, first: string, between: readonly string[], last: string | undefined): boolean {
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let place = first.length;
  for (const part of between) {
    const found = name.indexOf(part, place);
    if (found === -1) return false;
    place = found + part.length;
  }
  return place + last.length <= name.length;
}
