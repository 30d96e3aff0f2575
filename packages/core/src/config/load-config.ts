import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { MillraceError } from '../errors/millrace-error';
import { type MillraceConfig, millraceConfig, type ResolvedConfig } from './config-schema';
import { Faults } from './faults';
import { readOptions } from './read-options';

const fileNames = ['millrace.yaml', 'millrace.yml', 'millrace.json'];

/**
 * The configuration in force: an object, a file by its path, or the file found in the working directory; without any, the
 * embedded binder in memory.
 *
 * @throws MillraceError CONFIGURATION_INVALID with every fault and its path
 */
export function loadConfig(given: MillraceConfig | string | undefined, directory = process.cwd()): ResolvedConfig {
  const faults = new Faults();
  const { content, origin } = read(given, directory);
  const config = readOptions(millraceConfig, content ?? {}, '', faults);
  faults.throwIfAny('CONFIGURATION_INVALID', origin);
  const complete = config as ResolvedConfig;
  if (Object.keys(complete.binders).length > 0) return Object.freeze(complete);
  return Object.freeze({ ...complete, binders: { memory: { type: 'memory' } } });
}

function read(given: MillraceConfig | string | undefined, directory: string): { content: unknown; origin: string } {
  if (typeof given === 'object') return { content: given, origin: 'the configuration' };
  const path = given === undefined ? fileNames.map((name) => resolve(directory, name)).find((name) => existsSync(name)) : resolve(directory, given);
  if (path === undefined) return { content: {}, origin: 'the configuration' };
  try {
    return { content: parse(readFileSync(path, 'utf8')), origin: path };
  } catch (cause) {
    throw new MillraceError('CONFIGURATION_INVALID', `${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}
