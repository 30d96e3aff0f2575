// Programs of the folder chaos, with everything built that they need.
import { join } from 'node:path';
import { build, foreground, install, root, step, tool } from './workspace.mjs';

export async function runChaosProgram(file) {
  const prepared =
    (await install()) && (await build()) && (await step('build chaos', tool('typescript', ['-b', 'chaos'], 'tsc')));
  process.exitCode = prepared
    ? await foreground([process.execPath, join(root, 'chaos', 'dist', file), ...process.argv.slice(2)])
    : 1;
}
