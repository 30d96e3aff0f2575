import { join } from 'node:path';

/** The configuration of a binder, from sources and compiled files alike. */
export function configFile(name: string): string {
  return join(__dirname, '..', '..', 'config', `${name}.yaml`);
}
