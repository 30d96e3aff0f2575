// npm run bench -- [--only core|kafka|rabbitmq] [--quick] [--share 0.3] [--margin N] [--json FILE] [--docs]: what a message costs, beside the same work without
// Millrace. docs/benchmarks.md has the rest.
import { join } from 'node:path';
import { build, buildBench, foreground, install, root } from './workspace.mjs';

const isPrepared = (await install()) && (await build()) && (await buildBench());
if (!isPrepared) process.exit(1);
process.exitCode = await foreground([
  process.execPath,
  join(root, 'bench', 'dist', 'main.js'),
  ...process.argv.slice(2),
]);
