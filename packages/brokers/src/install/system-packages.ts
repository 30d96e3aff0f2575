import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { say, withProgress } from '../progress';
import { runProgram } from '../run-program';

const INSTALL_TIMEOUT_MS = 600_000;
const QUIET = { DEBIAN_FRONTEND: 'noninteractive' };

/** Debian asks this program whether a service may start; 101 means no. */
const SERVICE_POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs packages as root on Debian, where this is a container or a machine for tests. Anywhere else it installs
 * nothing and rejects with the one command that does.
 */
export async function installSystemPackages(debian: readonly string[], homebrew: readonly string[]): Promise<void> {
  const isDebian = existsSync('/etc/debian_version');
  if (!isDebian || process.getuid?.() !== 0) {
    throw new Error(
      `missing; install it with: ${isDebian ? aptCommand(debian) : `brew install ${homebrew.join(' ')}`}`,
    );
  }
  say(`installing ${debian.join(', ')} with apt-get, because this is Debian and you are root`);
  await withProgress(`apt-get install ${debian.join(' ')}`, async () => {
    await runProgram('apt-get', ['update'], { env: QUIET, timeoutMs: INSTALL_TIMEOUT_MS });
    await withoutServices(() =>
      runProgram('apt-get', ['install', '--yes', '--no-install-recommends', ...debian], {
        env: QUIET,
        timeoutMs: INSTALL_TIMEOUT_MS,
      }),
    );
  });
}

function aptCommand(packages: readonly string[]): string {
  return `sudo apt-get install ${packages.join(' ')}`;
}

/** A package brings programs; we do not want its service on the default port too. */
async function withoutServices(install: () => Promise<unknown>): Promise<void> {
  const ours = !existsSync(SERVICE_POLICY);
  if (ours) {
    writeFileSync(SERVICE_POLICY, '#!/bin/sh\nexit 101\n');
    chmodSync(SERVICE_POLICY, 0o755);
  }
  try {
    await install();
  } finally {
    if (ours) rmSync(SERVICE_POLICY, { force: true });
  }
}
