import { existsSync } from 'node:fs';
import { say, withProgress } from '../progress';
import { runProgram } from '../run-program';

const INSTALL_TIMEOUT_MS = 600_000;

/**
 * A package brings programs; we do not want its service on the default port too. Debian asks policy-rc.d whether a service may
 * start, and 101 means no.
 */
const APT = `
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
  trap "rm -f $policy" EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends "$@"
`;

/** What decides how packages come onto a machine. */
export interface Machine {
  readonly isDebian: boolean;
  readonly isRoot: boolean;
  /** Whether sudo asks for no password. */
  readonly hasSudo: boolean;
}

/** Names of the same programs with two package managers. */
export interface SystemPackages {
  readonly debian: readonly string[];
  readonly homebrew: readonly string[];
}

/**
 * Installs packages on Debian for those who may: root, and users whom sudo asks for no password; that is a container or a
 * machine for tests. Anywhere else it installs nothing and rejects with the one command that does.
 */
export async function installSystemPackages(packages: SystemPackages): Promise<void> {
  const { debian } = packages;
  const machine = await thisMachine();
  const [program, ...args] = installCommand(machine, packages);
  const reason = machine.isRoot ? 'you are root' : 'sudo asks for no password';
  say(`installing ${debian.join(', ')} with apt-get, because this is Debian and ${reason}`);
  await withProgress(`apt-get install ${debian.join(' ')}`, () =>
    runProgram(program, args, { timeoutMs: INSTALL_TIMEOUT_MS }),
  );
}

/** The command that installs them, or an error with the one that the user has to run. */
export function installCommand(
  { isDebian, isRoot, hasSudo }: Machine,
  { debian, homebrew }: SystemPackages,
): readonly [string, ...string[]] {
  const command = ['/bin/sh', '-c', APT, 'install', ...debian];
  if (isDebian && isRoot) return command as [string, ...string[]];
  if (isDebian && hasSudo) return ['sudo', '-n', ...command];
  const byHand = isDebian ? `sudo apt-get install ${debian.join(' ')}` : `brew install ${homebrew.join(' ')}`;
  throw new Error(`missing; install it with: ${byHand}`);
}

async function thisMachine(): Promise<Machine> {
  const isDebian = existsSync('/etc/debian_version');
  const isRoot = process.getuid?.() === 0;
  return { isDebian, isRoot, hasSudo: isDebian && !isRoot && (await hasSudo()) };
}

function hasSudo(): Promise<boolean> {
  return runProgram('sudo', ['-n', 'true']).then(
    () => true,
    () => false,
  );
}
