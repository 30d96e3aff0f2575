/** A name with `*` stands for many destinations. */
export function isPattern(name: string): boolean {
  return name.includes('*');
}

/**
 * Tells which topics a pattern means: `*` stands for any characters, dots too, also for none. Dead letters are left out unless
 * the pattern begins with `error.`, and then dead letters of dead letters are: otherwise a consumer would be fed its own
 * failures. Retry topics are never meant.
 */
export function destinationPattern(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const shape = new RegExp(`^${parts.join('.*')}$`, 's');
  const ownFailures = `${/^(?:error\.)*/.exec(pattern)?.[0]}error.`;
  return (name) => shape.test(name) && !name.startsWith(ownFailures) && !/\.retry(?:\.\d+)?$/.test(name);
}
