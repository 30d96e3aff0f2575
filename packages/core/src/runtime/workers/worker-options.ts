import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResourceLimits } from 'node:worker_threads';
import type { Container } from 'inversify';
import type { Codec } from '../../codec/codec';
import type { ComponentClass } from '../../metadata/class-metadata';
import type { Middleware } from '../../middleware/middleware';

/**
 * What a worker thread makes its handlers from: the same as the application does. The default export of the module that
 * {@link WorkerOptions} names, or a function that gives it.
 *
 * ```ts
 * export default { components: [Resizer, Album] } satisfies WorkerParts;
 * ```
 */
export interface WorkerParts {
  readonly components: readonly ComponentClass[];
  /** To inject services into components; each thread has its own. Default: a fresh one. */
  readonly container?: Container;
  readonly codecs?: readonly Codec[];
  readonly middleware?: readonly Middleware[];
}

export interface WorkerOptions {
  /**
   * The module that each thread loads, of either kind: `new URL('./parts.js', import.meta.url)`, or `require.resolve('./parts')`.
   * Its default export is {@link WorkerParts}, or a function that gives them or a promise of them.
   */
  readonly module: URL | string;
  /** Options of Node.js for the threads, such as a loader for TypeScript. Default: those of this process. */
  readonly execArgv?: readonly string[];
  /** Memory that a thread may use; one that uses more is lost, the application is not. Default: that of Node.js. */
  readonly resourceLimits?: ResourceLimits;
}

/** `inline`: sinks with `workers` run in the thread of the application, for tests and debuggers; nothing else changes. */
export type WorkersOption = WorkerOptions | 'inline';

/** The file of the module. */
export function workerFile({ module }: WorkerOptions): string {
  const isUrl = module instanceof URL || module.startsWith('file:');
  return isUrl ? fileURLToPath(module) : module;
}

/** What is wrong with the options, and the remedy. */
export function workerOptionsFault(
  options: WorkersOption | undefined,
): readonly [problem: string, remedy: string] | undefined {
  const remedy =
    "Give Millrace.create `workers: { module: new URL('./parts.js', import.meta.url) }`, a module that exports its components";
  if (options === undefined) return ['it has workers, but nobody has said which module a worker thread loads', remedy];
  if (options === 'inline') return undefined;
  const { module } = options;
  if (!(module instanceof URL) && typeof module !== 'string')
    return ['workers.module is neither a URL nor a path', remedy];
  if (module instanceof URL ? module.protocol !== 'file:' : !module.startsWith('file:') && !isAbsolute(module))
    return [`workers.module is '${String(module)}', which is no file's URL and no absolute path`, remedy];
  const file = workerFile(options);
  return existsSync(file)
    ? undefined
    : [
        `workers.module is ${file}, and there is no such file`,
        'Name the file that this process can load: the compiled one, where it runs compiled',
      ];
}
