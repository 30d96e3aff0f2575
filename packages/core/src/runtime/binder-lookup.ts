import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import type { BinderModule } from '../binder/binder';
import type { Faults } from '../config/faults';
import { loadModule } from '../config/load-module';
import { suggestion } from '../config/nearest';
import { redactText } from '../config/redact';
import { describeError } from '../errors/describe-error';

const SCOPE = '@millrace';
const PREFIX = 'binder-';

/**
 * Loads the binder of a `type`: a path from the folder of the configuration, a full package name, or a short name that stands
 * for `@millrace/binder-<name>`. Packages are looked for from that folder, then from the working directory, then from here.
 */
export async function loadBinder(
  type: string,
  directory: string,
  where: string,
  faults: Faults,
): Promise<BinderModule | undefined> {
  const isPath = type.startsWith('.') || isAbsolute(type);
  const candidates = isPath
    ? [resolve(directory, type)]
    : type.includes('/')
      ? [type]
      : [`${SCOPE}/${PREFIX}${type}`, type];
  const places = [...new Set([directory, process.cwd(), __dirname])];
  for (const name of candidates) {
    const found = places.map((place) => fileOf(name, place)).find((file) => file !== undefined);
    if (found === undefined) continue;
    return moduleIn(found, name, where, faults);
  }
  const near = isPath ? undefined : installed(places).find((name) => suggestion(type, [name]).startsWith('Did'));
  if (isPath)
    faults.add(
      where,
      `there is no module at ${candidates[0]}`,
      'Mend the path; it starts from the folder of the configuration file',
    );
  else
    faults.add(
      where,
      `the package ${candidates[0]} is not installed`,
      `${near === undefined ? '' : `Did you mean '${near}'? Otherwise: `}npm install ${candidates[0]}`,
    );
  return undefined;
}

function fileOf(name: string, place: string): string | undefined {
  try {
    return createRequire(join(place, 'package.json')).resolve(name);
  } catch {
    return undefined;
  }
}

async function moduleIn(file: string, name: string, where: string, faults: Faults): Promise<BinderModule | undefined> {
  try {
    const exported = await loadModule(file);
    const inner = exported.default as Readonly<Record<string, unknown>> | undefined;
    const binder = (exported.binder ?? inner?.binder) as BinderModule | undefined;
    if (typeof binder?.create === 'function') return binder;
    faults.add(
      where,
      `${name} is no binder: it has no export 'binder' made by defineBinder`,
      'Name the package of a binder',
    );
  } catch (error) {
    faults.add(
      where,
      `${name} cannot be loaded: ${redactText(describeError(error).message.split('\n')[0] ?? '')}`,
      'Mend the package, or install what it lacks',
    );
  }
  return undefined;
}

/** Short names of the binders that are there. */
function installed(places: readonly string[]): string[] {
  const folders = places.flatMap((place) => createRequire(join(place, 'package.json')).resolve.paths(SCOPE) ?? []);
  const scopes = [...new Set(folders)].map((folder) => join(folder, SCOPE)).filter((folder) => existsSync(folder));
  const names = scopes
    .flatMap((scope) => readdirSync(scope))
    .filter((name) => name.startsWith(PREFIX) && name !== `${PREFIX}test-suite`);
  return [...new Set(names.map((name) => name.slice(PREFIX.length)))];
}
