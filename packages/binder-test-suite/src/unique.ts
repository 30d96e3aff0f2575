import { randomBytes } from 'node:crypto';

/** A name nobody else uses, another with each call: `orders-5f0c9a21d7`. For destinations, groups, applications. */
export function unique(stem: string): string {
  return `${stem}-${randomBytes(5).toString('hex')}`;
}
