import { pathToFileURL } from 'node:url';

/** What made a dynamic import fail that `require` may still do: a sandbox without imports, and a hook for CommonJS only. */
const importless = [
  'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING',
  'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG',
  'ERR_UNKNOWN_FILE_EXTENSION',
];

/**
 * Loads a file as a module of either kind. What the runtime can import (TypeScript too, where it can) is imported; test
 * runners and compilers that know only `require` get their turn after that.
 *
 * @returns the exports; those of CommonJS under `default`
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(path).href;
  try {
    return (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const { code = '', message } = error as { readonly code?: string; readonly message: string };
    const isUrlUnknown = code === 'MODULE_NOT_FOUND' && message.includes(url);
    if (!isUrlUnknown && !importless.includes(code)) throw error;
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && require.extensions['.ts'] === undefined) throw error;
    return { default: require(path) as unknown };
  }
}

/** The default export, also where compilers wrap it in the exports of CommonJS. */
export function defaultExport(exported: Readonly<Record<string, unknown>>): unknown {
  const value = 'default' in exported ? exported.default : exported;
  const isWrapped = typeof value === 'object' && value !== null && '__esModule' in value && 'default' in value;
  return isWrapped ? value.default : value;
}
