import type { MillraceConfig } from './config-schema';

/** What a configuration file in TypeScript or JavaScript may export: the configuration, or a function that makes it. */
export type ConfigExport = MillraceConfig | (() => MillraceConfig | Promise<MillraceConfig>);

/**
 * Gives a configuration file in TypeScript or JavaScript its types; returns what it is given.
 *
 * ```ts
 * // millrace.ts
 * export default defineConfig({ binders: { local: { type: 'memory' } } });
 * ```
 */
export function defineConfig<C extends ConfigExport>(config: C): C {
  return config;
}
