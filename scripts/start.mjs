// npm start [-- sample-name]: installs and builds what is missing, then runs a sample in the foreground.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, foreground, install, root, workspaces } from './workspace.mjs';

const [sample = 'coffee-shop', ...args] = process.argv.slice(2);

const samples = workspaces('samples').map((folder) => basename(folder));
if (!samples.includes(sample)) {
  console.error(`There is no sample "${sample}". Samples: ${samples.join(', ')}`);
  process.exit(1);
}
if (!((await install()) && (await build()))) process.exit(1);

const main = join(root, 'samples', sample, 'dist', 'main.js');
if (!existsSync(main)) {
  console.error(`samples/${sample} has no dist/main.js: is it listed in the references of tsconfig.json?`);
  process.exit(1);
}
console.log();
process.exitCode = await foreground([process.execPath, '--enable-source-maps', main, ...args]);
