import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { until } from './until';

/**
 * A shell that leads a process group of its own, with the broker in it. The group ends with SIGKILL as soon as our
 * end of the pipe on its standard input closes, and that is what every end of this process does, a crash too.
 * `wait` keeps the broker's process id from being given to somebody else.
 */
const ENDS_WITH_PARENT = `
exec 3<&0 </dev/null
"$@" 3<&- &
broker=$!
trap '' TERM INT HUP
{ cat <&3 >/dev/null; kill -KILL -$$; } &
exec 3<&-
wait "$broker"
kill -KILL -$$
`;

/** The same without the pipe: for brokers that a developer starts with one command and ends with another. */
const OUTLIVES_PARENT = `
"$@" </dev/null &
broker=$!
trap '' TERM INT HUP
wait "$broker"
kill -KILL -$$
`;

/** After SIGKILL a process may take a moment to give its memory back, not more. */
const KILL_TIMEOUT_MS = 20_000;

export interface ProcessRequest {
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Takes both output streams. */
  readonly logFile: string;
  readonly outlivesParent?: boolean;
}

/** A group of processes that we started and may therefore end. */
export class OwnedProcess {
  readonly pid: number;
  readonly #exited: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        child.stdin?.destroy();
        resolve();
      });
    });
    // A broker alone is no reason for a test process to stay.
    child.unref();
    const input = child.stdin as (NodeJS.WritableStream & { unref?(): void }) | null;
    input?.unref?.();
    // Broken pipe: the group is gone already.
    input?.on('error', () => undefined);
  }

  static async start({ command, folder, env, logFile, outlivesParent = false }: ProcessRequest): Promise<OwnedProcess> {
    const log = openSync(logFile, 'a');
    try {
      const script = outlivesParent ? OUTLIVES_PARENT : ENDS_WITH_PARENT;
      const child = spawn('/bin/sh', ['-c', script, 'broker', ...command], {
        cwd: folder,
        env: { ...process.env, ...env },
        detached: true,
        stdio: [outlivesParent ? 'ignore' : 'pipe', log, log],
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', reject);
      });
      if (child.pid === undefined) throw new Error(`${command[0]} has no process id`);
      return new OwnedProcess(child, child.pid);
    } finally {
      closeSync(log);
    }
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Asks the group to end; kills it when it takes too long. */
  async terminate(graceMs: number): Promise<void> {
    this.#signal('SIGTERM');
    await until(
      () => !this.isRunning,
      graceMs,
      () => new Error('still running'),
    ).catch(() => this.kill());
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    if (!this.isRunning) return;
    this.#child.ref();
    await Promise.race([this.#exited, failAfter(KILL_TIMEOUT_MS, `process group ${this.pid} survives SIGKILL`)]);
  }

  /** SIGSTOP and SIGCONT: a process that is there and does nothing. */
  signalGroup(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#signal(signal);
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.isRunning) signalGroup(this.pid, signal);
  }
}

/** Sends a signal to a process group; false when there is none. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-pid, constants.signals[signal]);
  } catch {
    return false;
  }
}

async function failAfter(milliseconds: number, message: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(message)), milliseconds).unref();
  });
}
