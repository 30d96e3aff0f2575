import { mkdirSync, rmSync } from 'node:fs';
import { newInstanceFolder } from '../folders';
import { freePorts, isFree } from '../free-port';
import { withProgress } from '../progress';
import { type BrokerName, brokerKinds, usualPorts } from './broker-kind';
import { composeDown, composeUp, isDockerThere } from './compose';
import { endProcesses, forget, remember, runningBroker, upFolder } from './running-broker';

export interface OpenBroker {
  readonly name: BrokerName;
  readonly address: string;
  /** `up`: it was there already, by `npm run brokers -- up`. */
  readonly source: 'environment' | 'up' | 'docker' | 'native';
  /** For programs that shall use it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends what was started for this; leaves alone what was there. */
  close(): Promise<void>;
}

/** A broker to be used for a while: one that is there, else a container, else a process that ends with this one. */
export async function openBroker(name: BrokerName): Promise<OpenBroker> {
  const kind = brokerKinds[name];
  const opened = (source: OpenBroker['source'], address: string, close: OpenBroker['close'] = leaveAlone) => ({
    ...{ name, address, source, close },
    environment: { [kind.variable]: address },
  });
  const given = process.env[kind.variable];
  if (given) return opened('environment', given);
  const running = await runningBroker(name);
  if (running !== undefined) return opened('up', running.address);
  if (await isDockerThere()) {
    await withProgress(`${kind.label}, docker compose`, () => composeUp(name));
    return opened('docker', kind.usualAddress, () => composeDown(name));
  }
  await kind.install();
  const server = await withProgress(kind.label, async () =>
    kind.start(newInstanceFolder(name), await freePorts(usualPorts[name].length), false),
  );
  return opened('native', 'url' in server ? server.url : server.brokers.join(), () => server.stop());
}

/** Starts a broker that stays when we leave. Its address is the usual one, unless somebody else has that. */
export async function upBroker(name: BrokerName): Promise<Pick<OpenBroker, 'address' | 'source'>> {
  const kind = brokerKinds[name];
  const given = process.env[kind.variable];
  if (given) return { source: 'environment', address: given };
  const running = await runningBroker(name);
  if (running !== undefined) return running;
  if (await isDockerThere()) {
    await withProgress(`${kind.label}, docker compose`, () => composeUp(name));
    remember(name, { source: 'docker', address: kind.usualAddress, pid: 0 });
    return { source: 'docker', address: kind.usualAddress };
  }
  await kind.install();
  const folder = upFolder(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const usualAreFree = (await Promise.all(usualPorts[name].map(isFree))).every(Boolean);
  const ports = usualAreFree ? usualPorts[name] : await freePorts(usualPorts[name].length);
  const server = await withProgress(kind.label, () => kind.start(folder, ports, true));
  const address = 'url' in server ? server.url : server.brokers.join();
  remember(name, { source: 'native', address, pid: server.pid ?? 0 });
  return { source: 'native', address };
}

/** Ends what `upBroker` has started; false when there is nothing to end. */
export async function downBroker(name: BrokerName): Promise<boolean> {
  const running = await runningBroker(name);
  if (running === undefined) return false;
  await withProgress(`${brokerKinds[name].label} down`, () =>
    running.source === 'docker' ? composeDown(name) : endProcesses(name, running.pid),
  );
  forget(name);
  return true;
}

async function leaveAlone(): Promise<void> {}
