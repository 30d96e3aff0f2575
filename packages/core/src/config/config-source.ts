import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { MillraceConfig } from './config-schema';
import { Faults } from './faults';
import { defaultExport, loadModule } from './load-module';
import { isPlainObject } from './merge-options';
import { suggestion } from './nearest';
import { Origin } from './origin';
import { redactText } from './redact';
import { type Environment, fillVariables } from './variables';
import { readYaml } from './yaml-file';

const dataFormats = ['.yaml', '.yml', '.json'];
const moduleFormats = ['.ts', '.js', '.mjs', '.cjs'];
const fileNames = [...dataFormats, ...moduleFormats].map((format) => `millrace${format}`);

/** A configuration as it was written, unchecked. */
export interface ConfigSource {
  readonly content: unknown;
  readonly origin: Origin;
  /** Paths in the configuration are relative to it: the folder of the file, or the working directory. */
  readonly directory: string;
  /** Faults of reading that do not hinder the checking of the rest. */
  readonly faults: Faults;
}

/** @throws MillraceError CONFIGURATION_INVALID when there is nothing to check */
export async function readConfigSource(
  given: MillraceConfig | string | undefined,
  directory: string,
  environment: Environment,
): Promise<ConfigSource> {
  const path =
    typeof given === 'string' ? namedFile(given, directory) : given === undefined ? foundFile(directory) : undefined;
  const origin = new Origin(path);
  const faults = new Faults(origin);
  if (path === undefined) return { content: given ?? {}, origin, directory, faults };
  const isModule = moduleFormats.includes(extname(path));
  const content = isModule
    ? await readModule(path)
    : fillVariables(readData(path, origin, faults), environment, origin, faults);
  return { content: content ?? {}, origin, directory: dirname(path), faults };
}

function foundFile(directory: string): string | undefined {
  const [found, other] = fileNames
    .map((name) => join(directory, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found === undefined || other === undefined) return found;
  const [one, two] = [found, other].map((path) => relative(directory, path));
  throw invalid(
    `${directory} has two configuration files, ${one} and ${two}. Keep one, or name the one that counts: config: './${one}'`,
  );
}

function namedFile(given: string, directory: string): string {
  const path = resolve(directory, given);
  if (![...dataFormats, ...moduleFormats].includes(extname(path))) {
    throw invalid(
      `${path} is no configuration file by its name. It may end in ${[...dataFormats, ...moduleFormats].join(', ')}`,
    );
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw invalid(`the configuration file ${path} does not exist. ${nearFiles(path)}`);
}

function nearFiles(path: string): string {
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return `There is no folder ${folder}.`;
  const names = readdirSync(folder).filter((name) => [...dataFormats, ...moduleFormats].includes(extname(name)));
  return names.length === 0 ? 'Its folder has none.' : suggestion(relative(folder, path), names);
}

function readData(path: string, origin: Origin, faults: Faults): unknown {
  let content: unknown;
  try {
    content = readYaml(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''), origin, faults);
  } catch (cause) {
    throw invalid(`${path} cannot be read: ${describeError(cause).message}`);
  }
  faults.throwIfAny('CONFIGURATION_INVALID', path);
  return content;
}

async function readModule(path: string): Promise<unknown> {
  let exported: unknown;
  try {
    exported = defaultExport(await loadModule(path));
    if (typeof exported === 'function') exported = await (exported as () => unknown)();
  } catch (cause) {
    throw invalid(`${path} cannot be loaded: ${reasonOf(cause)}`, cause);
  }
  if (isPlainObject(exported)) return exported;
  throw invalid(
    `${path} exports no configuration. Its default export must be an object, or a function that returns one: export default defineConfig({ … })`,
  );
}

function reasonOf(cause: unknown): string {
  if ((cause as { readonly code?: string } | undefined)?.code !== 'ERR_UNKNOWN_FILE_EXTENSION')
    return redactText(describeError(cause).message);
  return 'this runtime does not load TypeScript. Start with tsx, use Node 22.18 or later, write millrace.yaml or millrace.mjs, or import the file yourself and pass its object as config';
}

function invalid(message: string, cause?: unknown): MillraceError {
  return new MillraceError('CONFIGURATION_INVALID', message, cause === undefined ? {} : { cause });
}
