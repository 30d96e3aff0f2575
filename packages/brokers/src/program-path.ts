import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these folders, then of those on the PATH, that has the program. */
export function programPath(name: string, before: readonly string[] = []): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...before, ...path].map((folder) => join(folder, name)).find((file) => existsSync(file));
}

export function isOnPath(name: string): boolean {
  return programPath(name) !== undefined;
}
