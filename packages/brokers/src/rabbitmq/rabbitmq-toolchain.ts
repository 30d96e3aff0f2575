import { installSystemPackages } from '../install/system-packages';
import { programPath } from '../program-path';

/**
 * Debian's scripts on the PATH change to a user of their own and its folders; the first folder has the ones as
 * released. Servers are not always on everybody's PATH.
 */
const FOLDERS = ['/usr/lib/rabbitmq/bin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** The path of one of RabbitMQ's programs, or undefined. */
export function rabbitmqProgram(name: 'rabbitmq-server' | 'rabbitmqctl'): string | undefined {
  return programPath(name, FOLDERS);
}

/** Why RabbitMQ cannot be started as a process of ours, or undefined. */
export function missingForRabbitmq(): string | undefined {
  if (rabbitmqProgram('rabbitmq-server') !== undefined) return undefined;
  return 'RabbitMQ is not installed: npm run brokers -- install rabbitmq';
}

export async function installRabbitmq(): Promise<void> {
  if (missingForRabbitmq() === undefined) return;
  await installSystemPackages({ debian: ['rabbitmq-server'], homebrew: ['rabbitmq'] });
}
