import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installSystemPackages } from '../install/system-packages';
import { programPath } from '../program-path';

/** Debian keeps each version's programs in a folder of their own, and only the clients on the PATH. */
const DEBIAN = '/usr/lib/postgresql';
const ELSEWHERE = ['/usr/local/bin', '/opt/homebrew/bin'];

/** The path of one of PostgreSQL's programs, of the newest version that is there, or undefined. */
export function postgresProgram(name: 'postgres' | 'initdb'): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const newestFirst = versions.sort((one, other) => Number.parseFloat(other) - Number.parseFloat(one));
  return programPath(name, [...newestFirst.map((version) => join(DEBIAN, version, 'bin')), ...ELSEWHERE]);
}

/** Why PostgreSQL cannot be started as a process of ours, or undefined. */
export function missingForPostgres(): string | undefined {
  if (postgresProgram('postgres') !== undefined && postgresProgram('initdb') !== undefined) return undefined;
  return 'PostgreSQL is not installed: npm run brokers -- install postgres';
}

export async function installPostgres(): Promise<void> {
  if (missingForPostgres() === undefined) return;
  await installSystemPackages({ debian: ['postgresql'], homebrew: ['postgresql'] });
}
