import { mkdirSync, mkdtempSync } from 'node:fs';
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
  return mkdtempSync(join(instances, `${process.pid}-`));
}
