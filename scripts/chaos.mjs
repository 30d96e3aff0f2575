// npm run chaos -- --binder kafka --minutes 10 --seed 1: real processes, real brokers, real trouble; nothing may be lost.
import { join } from 'node:path';
import { build, foreground, install, root, step, tool } from './workspace.mjs';

const prepared =
  (await install()) && (await build()) && (await step('build chaos', tool('typescript', ['-b', 'chaos'], 'tsc')));
if (!prepared) process.exit(1);
process.exitCode = await foreground([
  process.execPath,
  join(root, 'chaos', 'dist', 'main.js'),
  ...process.argv.slice(2),
]);
