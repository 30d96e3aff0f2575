import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Sample } from './workload';

/** The process of one workload, seen from the bench. */
export class WorkerProcess {
  readonly name: string;
  readonly #child: ChildProcess;

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
  }

  static async start(modulePath: string, name: string): Promise<WorkerProcess> {
    const child = fork(join(__dirname, 'worker.js'), [modulePath, name], { execArgv: ['--expose-gc'] });
    const worker = new WorkerProcess(name, child);
    await worker.#answer();
    return worker;
  }

  async measure(messages: number): Promise<Sample> {
    this.#child.send(messages);
    return (await this.#answer()) as Sample;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
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
      ]);
    } finally {
      done.abort();
    }
  }
}
