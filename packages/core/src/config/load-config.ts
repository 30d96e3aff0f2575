import { type MillraceConfig, millraceConfig, type ResolvedConfig } from './config-schema';
import { readConfigSource } from './config-source';
import { layEnvironment } from './environment';
import type { Faults } from './faults';
import { type NamesInCode, noNames } from './names-in-code';
import { suggestion } from './nearest';
import type { Origin } from './origin';
import { readOptions } from './read-options';
import type { Environment } from './variables';

/** The configuration in force, and where it came from. */
export interface LoadedConfig {
  readonly config: ResolvedConfig;
  /** Give it to the `Faults` of everything that is read from the configuration later: it knows lines and variables. */
  readonly origin: Origin;
  /** What paths in the configuration are relative to. */
  readonly directory: string;
}

export interface LoadContext {
  /** Default: the working directory. */
  readonly directory?: string;
  /** Default: the environment of the process. */
  readonly environment?: Environment;
  /** Channels and groups of the components, so that variables find names such as `orders.copy`. */
  readonly names?: NamesInCode;
}

/**
 * Loads the configuration: an object, a file by its path, or the file found in the working directory; without any, the
 * embedded binder in memory. Environment variables are laid over it.
 *
 * @throws MillraceError CONFIGURATION_INVALID with every fault and its place
 */
export async function loadConfig(
  given: MillraceConfig | string | undefined,
  context: LoadContext = {},
): Promise<LoadedConfig> {
  const environment = context.environment ?? process.env;
  const { content, origin, directory, faults } = await readConfigSource(
    given,
    context.directory ?? process.cwd(),
    environment,
  );
  const layered = layEnvironment(content, environment, context.names ?? noNames, origin, faults);
  const config = readOptions(millraceConfig, layered, '', faults);
  if (config !== undefined) tellUnknownBinders(config, faults);
  faults.throwIfAny('CONFIGURATION_INVALID', origin.name);
  return { config: completed(config as ResolvedConfig), origin, directory };
}

function completed(config: ResolvedConfig): ResolvedConfig {
  if (Object.keys(config.binders).length > 0) return Object.freeze(config);
  return Object.freeze({ ...config, binders: { memory: { type: 'memory', startup: 'fail' as const } } });
}

/** Told here too, and not only where a binding is made: a channel that no code names yet may have a misspelled binder. */
function tellUnknownBinders({ binders, bindings, defaultBinder }: ResolvedConfig, faults: Faults): void {
  const known = Object.keys(binders).length === 0 ? ['memory'] : Object.keys(binders);
  const named = [
    ['defaultBinder', defaultBinder] as const,
    ...Object.entries(bindings).map(([name, { binder }]) => [`bindings.${name}.binder`, binder] as const),
  ];
  for (const [where, name] of named) {
    if (name !== undefined && !known.includes(name))
      faults.add(where, `there is no binder '${name}'`, suggestion(name, known));
  }
}
