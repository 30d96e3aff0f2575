import { join } from 'node:path';
import { repositoryFolder } from '../folders';
import { runProgram } from '../run-program';
import type { BrokerName } from './broker-kind';

const ANSWER_TIMEOUT_MS = 5_000;
const UP_TIMEOUT_MS = 600_000;
const COMPOSE = ['compose', '--file', join(repositoryFolder, 'docker-compose.yml')];

/** The client alone is not enough: only an engine runs containers. */
export async function isDockerThere(): Promise<boolean> {
  try {
    await runProgram('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: ANSWER_TIMEOUT_MS });
    await runProgram('docker', ['compose', 'version'], { timeoutMs: ANSWER_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}

export async function composeUp(name: BrokerName): Promise<void> {
  await runProgram('docker', [...COMPOSE, 'up', '--wait', name], { timeoutMs: UP_TIMEOUT_MS });
}

export async function composeDown(name: BrokerName): Promise<void> {
  await runProgram('docker', [...COMPOSE, 'rm', '--stop', '--force', '--volumes', name], { timeoutMs: UP_TIMEOUT_MS });
}
