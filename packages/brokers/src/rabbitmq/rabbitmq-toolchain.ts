import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installSystemPackages } from '../install/system-packages';
import { programPath } from '../program-path';

/**
 * Debian's scripts on the PATH change to a user of their own and its folders; the first folder has the ones as
 * released. Servers are not always on everybody's PATH.
 */
const FOLDERS = ['/usr/lib/rabbitmq/bin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** Names the folder with the programs of one RabbitMQ among several, as in `/opt/rabbitmq_server-4.1.0/sbin`. */
const FOLDER_VARIABLE = 'MILLRACE_RABBITMQ_PROGRAMS';

/** The path of one of RabbitMQ's programs, or undefined. A folder that was named is the only one looked at. */
export function rabbitmqProgram(name: 'rabbitmq-server' | 'rabbitmqctl'): string | undefined {
  const chosen = process.env[FOLDER_VARIABLE];
  if (!chosen) return programPath(name, FOLDERS);
  const program = join(chosen, name);
  return existsSync(program) ? program : undefined;
}

/** Why RabbitMQ cannot be started as a process of ours, or undefined. */
export function missingForRabbitmq(): string | undefined {
  if (rabbitmqProgram('rabbitmq-server') !== undefined) return undefined;
  const chosen = process.env[FOLDER_VARIABLE];
  if (chosen) return `there is no rabbitmq-server in ${chosen}, which ${FOLDER_VARIABLE} names`;
  return 'RabbitMQ is not installed: npm run brokers -- install rabbitmq';
}

export async function installRabbitmq(): Promise<void> {
  const missing = missingForRabbitmq();
  if (missing === undefined) return;
  // What somebody has chosen is not ours to install.
  if (process.env[FOLDER_VARIABLE]) throw new Error(missing);
  await installSystemPackages({ debian: ['rabbitmq-server'], homebrew: ['rabbitmq'] });
}
