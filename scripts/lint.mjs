// npm run lint [-- --fix]: style, layering, unused code, no broker names in core, a lock file for everybody.
import { pathToFileURL } from 'node:url';
import { install, step, tool } from './workspace.mjs';

export const linters = {
  biome: (fix) => tool('@biomejs/biome', ['check', '--error-on-warnings', ...(fix ? ['--write'] : [])], 'biome'),
  layers: () => tool('dependency-cruiser', ['packages', 'samples', 'chaos', '--output-type', 'err-long'], 'depcruise'),
  knip: () => tool('knip', ['--no-progress', '--no-config-hints']),
  'broker-names': () => [process.execPath, 'scripts/check-broker-names.mjs'],
  'lock-file': () => [process.execPath, 'scripts/check-lock-file.mjs'],
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const fix = process.argv.includes('--fix');
  if (!(await install())) process.exit(1);
  for (const [name, command] of Object.entries(linters)) {
    if (!(await step(name, command(fix)))) process.exitCode = 1;
  }
}
