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
  const tests = await testFiles(jestArgs);
  const brokers = tests.some(({ needs }) => needs.length > 0) ? await loadBrokers() : undefined;
  const environment = {};
  if (brokers === undefined) return environment;
  for (const [name, kind] of Object.entries(brokers.brokerKinds)) {
    const needed = tests.flatMap(({ needs }) => needs).filter((need) => need.name === name);
    try {
      if (needed.some(({ own }) => own)) await kind.install();
      if (!needed.some(({ own }) => !own)) continue;
      const broker = await brokers.openBroker(name);
      opened.push(broker);
      Object.assign(environment, broker.environment);
    } catch (error) {
      environment[kind.skipVariable] = error.message;
      console.error(
        `no ${kind.label}: ${error.message}\n  ${process.env.CI ? 'With CI set, its tests fail.' : 'Its tests are skipped.'}`,
      );
    }
  }
  return environment;
}

async function testFiles(jestArgs) {
  const { output } = await run('list of tests', tool('jest', [...jestArgs, '--listTests']));
  return output
    .split('\n')
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => ({ file, needs: needsOf(file) }));
}

function needsOf(file) {
  const binder = file.match(/[\\/]binder-(kafka|rabbitmq)[\\/]test[\\/]/)?.[1];
  const calls = readFileSync(file, 'utf8').matchAll(/\b(brokerOrSkip|ownBrokerOrSkip)\('(\w+)'\)/g);
  const named = [...calls].map(([, call, name]) => ({ name, own: call === 'ownBrokerOrSkip' }));
  return binder === undefined ? named : [...named, { name: binder, own: false }, { name: binder, own: true }];
}
