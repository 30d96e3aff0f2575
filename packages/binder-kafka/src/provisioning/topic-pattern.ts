import { destinationPattern } from '@millrace/core/spi';

/** Tells which topics a pattern means: as {@link destinationPattern} does, but never a retry topic. */
export function topicPattern(pattern: string): (name: string) => boolean {
  const means = destinationPattern(pattern);
  return (name) => means(name) && !/\.retry(?:\.\d+)?$/.test(name);
}
