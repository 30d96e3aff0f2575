import { defaultExport, loadModule } from '../../config/load-module';
import { describeError } from '../../errors/describe-error';
import { MillraceError } from '../../errors/millrace-error';
import type { WorkerParts } from './worker-options';

/** Loads the module of a worker thread. @throws MillraceError WIRING_INVALID naming the file and what is wrong with it */
export async function loadWorkerParts(file: string): Promise<WorkerParts> {
  const exported = await load(file);
  const given: unknown = typeof exported === 'function' ? await call(exported as () => unknown, file) : exported;
  if (typeof given !== 'object' || given === null || !Array.isArray((given as Partial<WorkerParts>).components)) {
    throw new MillraceError(
      'WIRING_INVALID',
      `${file}, which worker threads load, has no default export with components. Write: export default { components: […] } satisfies WorkerParts`,
    );
  }
  return given as WorkerParts;
}

async function load(file: string): Promise<unknown> {
  try {
    return defaultExport(await loadModule(file));
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    const remedy =
      code === 'ERR_UNKNOWN_FILE_EXTENSION'
        ? '. Name the compiled file, or give `workers.execArgv` the loader of TypeScript'
        : '';
    throw new MillraceError(
      'WIRING_INVALID',
      `a worker thread could not load ${file}: ${describeError(cause).message}${remedy}`,
      { cause },
    );
  }
}

async function call(make: () => unknown, file: string): Promise<unknown> {
  try {
    return await make();
  } catch (cause) {
    throw new MillraceError(
      'WIRING_INVALID',
      `the default export of ${file}, called by a worker thread, failed: ${describeError(cause).message}`,
      { cause },
    );
  }
}
