import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramTask } from './member-program';

const PROGRAM = join(__dirname, 'member-program.js');

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A life of a member as a process of its own. */
export class MemberProcess {
  /** Resolves when its application runs; rejects when it ends before. */
  readonly running: Promise<void>;
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;

  constructor(task: ProgramTask, logFile: string, nodeOptions: readonly string[], environment: NodeJS.ProcessEnv) {
    const log = openSync(logFile, 'a');
    this.#child = fork(PROGRAM, [JSON.stringify(task)], {
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [...nodeOptions],
      env: { ...process.env, ...environment },
    });
    closeSync(log);
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    this.running = new Promise((resolve, reject) => {
      this.#child.once('message', () => resolve());
      void this.ended.then(({ code, signal }) => reject(new Error(`${task.name} ended early: ${code ?? signal}`)));
    });
    // Whoever waits for it is told; others need not be.
    this.running.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}
