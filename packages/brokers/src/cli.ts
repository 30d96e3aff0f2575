import { parseArgs } from 'node:util';
import { say } from './progress';
import { type BrokerName, brokerKinds, isBrokerName } from './source/broker-kind';
import { downBroker, upBroker } from './source/open-broker';
import { runningBroker } from './source/running-broker';

const HELP = `npm run brokers -- up|down|status|install kafka|rabbitmq|postgres … [--json]
  up       a broker that stays until "down": given by the environment, else by docker compose, else a process
  status   which ones run, and where
  install  only gets what is needed to run one as a process
Without a name: all.`;

interface Answer {
  readonly broker: BrokerName;
  readonly running: boolean;
  readonly source?: string;
  readonly address?: string;
}

const actions: Readonly<Record<string, (name: BrokerName) => Promise<Answer>>> = {
  up: async (broker) => ({ broker, running: true, ...pick(await upBroker(broker)) }),
  down: async (broker) => {
    await downBroker(broker);
    return { broker, running: false };
  },
  status: async (broker) => {
    const given = process.env[brokerKinds[broker].variable];
    if (given) return { broker, running: true, source: 'environment', address: given };
    const running = await runningBroker(broker);
    return running === undefined ? { broker, running: false } : { broker, running: true, ...pick(running) };
  },
  install: async (broker) => {
    await brokerKinds[broker].install();
    return { broker, running: false };
  },
};

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [verb = '', ...names] = positionals;
  const action = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
  const brokers = names.length > 0 ? names : Object.keys(brokerKinds);
  if (action === undefined || !brokers.every(isBrokerName)) {
    say(HELP);
    return 1;
  }
  const answers: Answer[] = [];
  let exitCode = 0;
  for (const name of brokers) {
    try {
      answers.push(await action(name));
    } catch (error) {
      say(`${brokerKinds[name].label}: ${error instanceof Error ? error.message : String(error)}`);
      exitCode = 1;
    }
  }
  process.stdout.write(values.json ? `${JSON.stringify(answers)}\n` : answers.map(lineOf).join(''));
  return exitCode;
}

function lineOf({ broker, running, source, address }: Answer): string {
  if (!running) return `${broker}  not running\n`;
  return `${broker}  ${address}  (${source})  export ${brokerKinds[broker].variable}=${address}\n`;
}

function pick({ source, address }: { source: string; address: string }): { source: string; address: string } {
  return { source, address };
}
