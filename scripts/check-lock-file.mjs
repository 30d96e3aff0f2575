// package-lock.json must install everywhere: with the binaries of every platform, not only of the one it was written
// on (npm forgets them when a registry does), and without the address of anybody's registry.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const locked = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));

for (const [path, { optionalDependencies = {}, resolved }] of Object.entries(packages)) {
  for (const name of Object.keys(optionalDependencies)) {
    if (!locked.has(name))
      report(`${path} has no entry for ${name}: take a version that is published for all platforms`);
  }
  if (resolved?.includes('://')) report(`${path} names a registry: ${resolved}`);
}

function report(fault) {
  console.log(fault);
  process.exitCode = 1;
}
