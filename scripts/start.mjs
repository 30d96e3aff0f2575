// npm start [-- sample-name] [--binder kafka|rabbitmq] …: installs and builds what is missing, then runs a sample in the
// foreground; with --binder on that broker, which is started for it and ended after it unless there is one already. Of
// several, the first carries every channel for which the sample's configuration names none.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, foreground, install, loadBrokers, root, workspaces } from './workspace.mjs';

const args = process.argv.slice(2);
const binders = takeOptions('--binder').filter((name) => name !== 'memory');
const sample = args[0] === undefined || args[0].startsWith('-') ? 'coffee-shop' : args.shift();

const samples = workspaces('samples').map((folder) => basename(folder));
if (!samples.includes(sample)) end(`There is no sample "${sample}". Samples: ${samples.join(', ')}`);
for (const name of binders) {
  if (existsSync(join(root, 'packages', `binder-${name}`, 'package.json'))) continue;
  const known = ['memory', 'kafka', 'rabbitmq'].filter((each) => existsSync(join(root, 'packages', `binder-${each}`)));
  end(`There is no binder "${name}". Binders: ${known.join(', ')}`);
}
if (!((await install()) && (await build()))) process.exit(1);

const main = join(root, 'samples', sample, 'dist', 'main.js');
if (!existsSync(main)) end(`samples/${sample} has no dist/main.js: is it listed in the references of tsconfig.json?`);

const brokers = await openBrokers();
// The first one is laid over the others, so that it is the default.
for (const { environment, settings } of brokers.toReversed()) Object.assign(process.env, environment, settings);
console.log();
process.exitCode = await foreground([process.execPath, '--enable-source-maps', main, ...args]);
await close(brokers);

async function openBrokers() {
  const opened = [];
  const tool = binders.length > 0 ? await loadBrokers() : undefined;
  if (binders.length > 0 && tool === undefined) process.exit(1);
  for (const name of binders) {
    try {
      const broker = await tool.openBroker(name);
      opened.push({ ...broker, settings: tool.brokerKinds[name].settings(broker.address) });
    } catch (error) {
      await close(opened);
      end(error.message);
    }
  }
  return opened;
}

async function close(opened) {
  await Promise.all(opened.map((broker) => broker.close()));
}

/** Values of an option that may be given several times; without a value it is an error. */
function takeOptions(name) {
  const values = [];
  for (let at = args.indexOf(name); at !== -1; at = args.indexOf(name)) {
    const [, value] = args.splice(at, 2);
    if (value === undefined) end(`${name} needs a name: memory, kafka or rabbitmq`);
    values.push(value);
  }
  return values;
}

function end(message) {
  console.error(message);
  process.exit(1);
}
