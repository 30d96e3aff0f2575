import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program';
import { now } from './stopwatch';
import type { Sample } from './workload';

/** Where this is set, each process leaves a profile of its processor time there. */
const PROFILES = process.env.MILLRACE_BENCH_PROFILES;
const ANSWER_LIMIT_MS = 120_000;
const CLOSE_LIMIT_MS = 10_000;

/** The process of one workload, seen from the bench. */
export class WorkerProcess {
  readonly name: string;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
  }

  /** Resolves when the workload is ready to run. */
  static async start(name: string, program: Program): Promise<WorkerProcess> {
    const execArgv = ['--expose-gc', ...(PROFILES ? ['--cpu-prof', `--cpu-prof-dir=${join(PROFILES, name)}`] : [])];
    const child = fork(join(__dirname, 'worker.js'), [JSON.stringify({ ...program, spawnedAt: now() })], { execArgv });
    const worker = new WorkerProcess(name, child);
    await worker.#answer();
    return worker;
  }

  async measure(messages: number): Promise<Sample> {
    this.#child.send(messages);
    return (await this.#answer()) as Sample;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit').then(() => true);
    if (this.#child.connected) this.#child.disconnect();
    if (await Promise.race([exited, sleep(CLOSE_LIMIT_MS, false, { ref: false })])) return;
    console.error(`  the process of '${this.name}' did not end by itself`);
    this.#child.kill('SIGKILL');
    await exited;
  }

  async #answer(): Promise<unknown> {
    const done = new AbortController();
    try {
      return await Promise.race([
        once(this.#child, 'message', done).then(([answer]: unknown[]) => answer),
        once(this.#child, 'exit', done).then(([code]) => {
          throw new Error(`the process of '${this.name}' ended with ${String(code)}`);
        }),
        sleep(ANSWER_LIMIT_MS, undefined, done).then(() => {
          throw new Error(`the process of '${this.name}' has not answered for ${ANSWER_LIMIT_MS / 1_000} s`);
        }),
      ]);
    } finally {
      done.abort();
    }
  }
}
