import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokersFolder } from '../folders';
import { signalGroup } from '../owned-process';
import { runProgram } from '../run-program';
import { until } from '../until';
import type { BrokerName } from './broker-kind';

const STOP_TIMEOUT_MS = 15_000;

/** A broker that `up` has started and that `down` will end. */
export interface RunningBroker {
  readonly source: 'docker' | 'native';
  readonly address: string;
  /** The leader of its process group; 0 for a container. */
  readonly pid: number;
}

/** Data, configuration and log of the broker that `up` starts. */
export function upFolder(name: BrokerName): string {
  return join(brokersFolder, name, 'up');
}

export function remember(name: BrokerName, broker: RunningBroker): void {
  mkdirSync(join(brokersFolder, name), { recursive: true });
  writeFileSync(stateFile(name), JSON.stringify(broker));
}

export function forget(name: BrokerName): void {
  rmSync(stateFile(name), { force: true });
}

/** The broker that `up` has started, if it still runs. */
export async function runningBroker(name: BrokerName): Promise<RunningBroker | undefined> {
  if (!existsSync(stateFile(name))) return undefined;
  const broker = JSON.parse(readFileSync(stateFile(name), 'utf8')) as RunningBroker;
  if (broker.source === 'docker' || (await isOurs(name, broker.pid))) return broker;
  forget(name);
  return undefined;
}

export async function endProcesses(name: BrokerName, pid: number): Promise<void> {
  const ended = async () => !(await isOurs(name, pid));
  signalGroup(pid, 'SIGTERM');
  await until(ended, STOP_TIMEOUT_MS, () => new Error('still running')).catch(() => signalGroup(pid, 'SIGKILL'));
  rmSync(upFolder(name), { recursive: true, force: true, maxRetries: 3 });
}

/** A process id may belong to somebody else by now: ours has the broker's folder in its command line. */
async function isOurs(name: BrokerName, pid: number): Promise<boolean> {
  const command = await runProgram('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => '');
  return command.includes(upFolder(name));
}

function stateFile(name: BrokerName): string {
  return join(brokersFolder, name, 'up.json');
}
