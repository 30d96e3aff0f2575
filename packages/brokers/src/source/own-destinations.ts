import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface OwnDestinations {
  /** Path of the copy. */
  readonly file: string;
  /** What its destinations begin with. */
  readonly prefix: string;
  remove(): void;
}

/**
 * A copy of a Millrace configuration for a run over a broker that others use too. Destinations that begin with the prefix begin
 * with one that nobody else has: `coffee.orders` becomes `coffee-<id>.orders`.
 */
export function ownDestinations(file: string, prefix: string): OwnDestinations {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-configuration-'));
  const own = { file: join(folder, basename(file)), prefix: `${prefix}-${randomUUID()}` };
  const text = readFileSync(file, 'utf8').replaceAll(`destination: ${prefix}.`, `destination: ${own.prefix}.`);
  writeFileSync(own.file, text);
  return { ...own, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
