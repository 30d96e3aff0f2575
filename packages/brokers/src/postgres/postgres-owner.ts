import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../run-program';

/** The user that comes with Debian's package. PostgreSQL refuses to run as root. */
const USER = 'postgres';

/** Who runs the programs of a cluster, and where its data is. */
export interface PostgresOwner {
  /** Stands before each command. */
  readonly command: readonly string[];
  /** Empty, and the owner's. */
  readonly data: string;
}

/** Ourselves, in the given folder; as root a user without rights, and a folder that they can reach. */
export async function postgresOwner(folder: string): Promise<PostgresOwner> {
  mkdirSync(folder, { recursive: true });
  if (process.getuid?.() !== 0) return { command: [], data: join(folder, 'data') };
  const command = ['setpriv', `--reuid=${USER}`, `--regid=${USER}`, '--init-groups'];
  const isReachable = await runProgram('setpriv', [...command.slice(1), 'test', '-x', folder]).then(
    () => true,
    () => false,
  );
  const data = isReachable ? join(folder, 'data') : mkdtempSync(join(tmpdir(), 'millrace-postgres-'));
  mkdirSync(data, { recursive: true });
  await runProgram('chown', ['-R', `${USER}:`, data]);
  return { command, data };
}
