import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WaitingSends } from './waiting-sends';

type Answer<Step extends keyof WaitingSends> = Awaited<ReturnType<WaitingSends[Step]>>;

/** Runs `waiting-sends.ts` in a process of its own, until it is disposed of. */
export class SendingProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(url: string, destination: string) {
    this.#process = fork(join(__dirname, 'waiting-sends.ts'), [url, destination], {
      execArgv: ['--expose-gc', '--require', require.resolve('../../core/test/fixtures/typescript.cjs')],
    });
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => {
      throw new Error(`the process that sends has ended: ${code ?? signal}`);
    });
    this.#ended.catch(() => undefined);
  }

  /** One step after the other: rejects when the step fails, or the process ends before it has answered. */
  async ask<Step extends keyof WaitingSends>(step: Step): Promise<Answer<Step>> {
    const answered = once(this.#process, 'message');
    this.#process.send(step);
    const [{ answer, failure }] = await Promise.race([answered, this.#ended]);
    if (failure !== undefined) throw new Error(`${step}: ${failure}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }
}
