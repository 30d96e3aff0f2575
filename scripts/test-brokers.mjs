// The brokers that the tests of one run share: started while other stages run, passed to jest by environment variables.
// Which ones are needed, the tests say themselves: by brokerOrSkip('kafka') for a shared one, ownBrokerOrSkip('kafka')
// for what has to be installed, or by being tests of that binder.
import { readFileSync } from 'node:fs';
import { loadBrokers, run, tool } from './workspace.mjs';

export function startBrokers(jestArgs) {
  const opened = [];
  const environment = openAll(jestArgs, opened);
  return {
    environment,
    close: async () => {
      await environment;
      await Promise.all(opened.splice(0).map((broker) => broker.close()));
    },
  };
}

async function openAll(jestArgs, opened) {
  const needs = await needsOf(jestArgs);
  const brokers = needs.length > 0 ? await loadBrokers() : undefined;
  const environment = {};
  if (brokers === undefined) return environment;
  // In turn: they may both want to install something.
  for (const [name, kind] of Object.entries(brokers.brokerKinds)) {
    const wanted = needs.filter((need) => need.name === name);
    if (wanted.some(({ own }) => own)) await attempt(kind, 'process of ours', () => kind.install());
    if (!wanted.some(({ own }) => !own)) continue;
    const failure = await attempt(kind, 'broker', async () => {
      const broker = await brokers.openBroker(name);
      opened.push(broker);
      Object.assign(environment, broker.environment);
    });
    if (failure !== undefined) environment[kind.skipVariable] = failure;
  }
  return environment;
}

/** What went wrong, if something did; the tests concerned look for themselves, and skip or fail. */
async function attempt({ label }, what, work) {
  try {
    await work();
    return undefined;
  } catch ({ message }) {
    const outcome = process.env.CI ? 'With CI set, its tests fail.' : 'Its tests are skipped.';
    console.error(`no ${label} as a ${what}: ${message}\n  ${outcome}`);
    return message;
  }
}

async function needsOf(jestArgs) {
  const { output } = await run('list of tests', tool('jest', [...jestArgs, '--listTests']));
  return output
    .split('\n')
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap(needsOfFile);
}

function needsOfFile(file) {
  const binder = file.match(/[\\/]binder-(kafka|rabbitmq)[\\/]test[\\/]/)?.[1];
  const calls = readFileSync(file, 'utf8').matchAll(/\b(brokerOrSkip|ownBrokerOrSkip)\('(\w+)'\)/g);
  const named = [...calls].map(([, call, name]) => ({ name, own: call === 'ownBrokerOrSkip' }));
  return binder === undefined ? named : [...named, { name: binder, own: false }, { name: binder, own: true }];
}
