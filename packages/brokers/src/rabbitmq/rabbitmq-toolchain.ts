import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's scripts on the PATH change to a user of their own and its folders; behind them are the ones as released. */
const DEBIAN = '/usr/lib/rabbitmq/bin';

/** Where Debian and Homebrew put servers, which is not on everybody's PATH. */
const SERVERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** The path of one of RabbitMQ's programs, or undefined. */
export function rabbitmqProgram(name: 'rabbitmq-server' | 'rabbitmqctl'): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [DEBIAN, ...path, ...SERVERS].map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Why RabbitMQ cannot be started as a process of ours, or undefined. */
export function missingForRabbitmq(): string | undefined {
  return rabbitmqProgram('rabbitmq-server') === undefined ? 'RabbitMQ is not installed' : undefined;
}
