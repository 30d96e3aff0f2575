import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of an installed package; `undefined` where it is not. Read from its file, which not every package lets others import. */
export function versionOf(name: string): string | undefined {
  const manifests = (require.resolve.paths(name) ?? []).map((folder) => join(folder, name, 'package.json'));
  const manifest = manifests.find((each) => existsSync(each));
  return manifest && (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

/** Of those packages that are installed. */
export function versionsOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => [[name, versionOf(name)]].filter(([, version]) => version)));
}
