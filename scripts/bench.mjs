// npm run bench -- [--only core] [--quick] [--json FILE] [--docs]: what a message costs, beside the same work by hand.
import { join } from 'node:path';
import { build, foreground, install, root, step, tool } from './workspace.mjs';

const prepared =
  (await install()) && (await build()) && (await step('build bench', tool('typescript', ['-b', 'bench'], 'tsc')));
if (!prepared) process.exit(1);
process.exitCode = await foreground([
  process.execPath,
  join(root, 'bench', 'dist', 'main.js'),
  ...process.argv.slice(2),
]);
