import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** This package, from its sources and from its compiled form alike. */
export const packageFolder = join(__dirname, '..');

export const repositoryFolder = join(packageFolder, '..', '..');

/** Everything that brokers write: jars, data, logs, certificates. Git does not see it. */
export const brokersFolder = join(repositoryFolder, '.brokers');

/** A folder of its own for a broker that lives as long as a test. */
export function newInstanceFolder(broker: string): string {
  const instances = join(brokersFolder, broker, 'instances');
  mkdirSync(instances, { recursive: true });
  removeLeftovers(instances);
  return mkdtempSync(join(instances, `${process.pid}-`));
}

/** A process that crashed had no time to tidy up; its id is in the names of its folders. */
function removeLeftovers(instances: string): void {
  for (const name of readdirSync(instances)) {
    const pid = Number.parseInt(name, 10);
    if (pid > 0 && !isAlive(pid)) rmSync(join(instances, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
