// npm start [-- sample-name] [--binder kafka|rabbitmq]: installs and builds what is missing, then runs a sample in the
// foreground; with --binder on that broker, which is started for it and ended after it unless there is one already.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, foreground, install, loadBrokers, root, workspaces } from './workspace.mjs';

/** What a sample hears of its broker: the settings of core, from the environment. */
const settings = {
  kafka: (address) => ({
    MILLRACE__DEFAULTBINDER: 'kafka',
    MILLRACE__BINDERS__KAFKA__TYPE: 'kafka',
    MILLRACE__BINDERS__KAFKA__BROKERS: address,
  }),
  rabbitmq: (address) => ({
    MILLRACE__DEFAULTBINDER: 'rabbit',
    MILLRACE__BINDERS__RABBIT__TYPE: 'rabbitmq',
    MILLRACE__BINDERS__RABBIT__URL: address,
  }),
};

const args = process.argv.slice(2);
const binder = takeOption('--binder') ?? 'memory';
const sample = args[0] === undefined || args[0].startsWith('-') ? 'coffee-shop' : args.shift();

const samples = workspaces('samples').map((folder) => basename(folder));
if (!samples.includes(sample)) {
  console.error(`There is no sample "${sample}". Samples: ${samples.join(', ')}`);
  process.exit(1);
}
if (binder !== 'memory' && !(binder in settings)) {
  console.error(`There is no binder "${binder}". Binders: memory, ${Object.keys(settings).join(', ')}`);
  process.exit(1);
}
if (!((await install()) && (await build()))) process.exit(1);

const main = join(root, 'samples', sample, 'dist', 'main.js');
if (!existsSync(main)) {
  console.error(`samples/${sample} has no dist/main.js: is it listed in the references of tsconfig.json?`);
  process.exit(1);
}
const broker = binder === 'memory' ? undefined : await openBroker(binder);
if (broker !== undefined) Object.assign(process.env, settings[binder](broker.address));
console.log();
process.exitCode = await foreground([process.execPath, '--enable-source-maps', main, ...args]);
await broker?.close();

async function openBroker(name) {
  const brokers = await loadBrokers();
  try {
    if (brokers !== undefined) return await brokers.openBroker(name);
  } catch (error) {
    console.error(error.message);
  }
  return process.exit(1);
}

function takeOption(name) {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args.splice(at, 2)[1];
}
