import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { brokersFolder, packageFolder } from '../folders';
import { installSystemPackages } from '../install/system-packages';
import { isOnPath } from '../program-path';
import { withProgress } from '../progress';
import { runProgram } from '../run-program';

const FETCH_TIMEOUT_MS = 600_000;

export const kafkaLibraries = join(brokersFolder, 'kafka', 'libs');

/** Why Kafka cannot be started as a process of ours, or undefined. */
export function missingForKafka(): string | undefined {
  if (!isOnPath('java')) return 'there is no java: npm run brokers -- install kafka';
  if (!existsSync(kafkaLibraries)) return 'the jars of Kafka are not there yet: npm run brokers -- install kafka';
  return undefined;
}

/** Makes sure of Java and fetches the jars once; Maven is needed for that only. */
export async function installKafka(): Promise<void> {
  if (missingForKafka() === undefined) return;
  const debian = isOnPath('java') ? [] : ['default-jre-headless'];
  const homebrew = isOnPath('java') ? [] : ['openjdk'];
  if (!existsSync(kafkaLibraries) && !isOnPath('mvn')) {
    debian.push('maven');
    homebrew.push('maven');
  }
  if (debian.length > 0) await installSystemPackages({ debian, homebrew });
  if (!existsSync(kafkaLibraries)) await withProgress('the jars of Kafka, with Maven', fetchLibraries);
}

/** Into a folder on the side first: what was interrupted must not look complete. */
async function fetchLibraries(): Promise<void> {
  const incoming = `${kafkaLibraries}-${process.pid}`;
  mkdirSync(join(brokersFolder, 'kafka'), { recursive: true });
  try {
    const pom = join(packageFolder, 'kafka', 'pom.xml');
    const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${incoming}`];
    await runProgram('mvn', args, { timeoutMs: FETCH_TIMEOUT_MS });
    if (!existsSync(kafkaLibraries)) renameSync(incoming, kafkaLibraries);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
}
