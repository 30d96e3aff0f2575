import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CheckContext } from './check-context';
import type { ChildTask, ChildWord } from './child-program';

/** A process needs seconds to load everything where others keep the machine busy. */
const START_MS = 60_000;

/** A child process that runs the subject's `childProgram`. Killed after the check if it still runs. */
export class TestProcess {
  /** Everything it said so far. */
  readonly words: string[] = [];
  /** What it wrote to its error output: nothing, if all is well. */
  complaint = '';
  readonly #process: ChildProcess;
  readonly #test: CheckContext;
  readonly #exit: Promise<readonly unknown[]>;

  /** Its orders go to a destination of the given stem: processes that share one are members of one group. */
  constructor(test: CheckContext, scenario: ChildTask['scenario'], stem = 'orders') {
    const bindings = { orders: { destination: test.unique(stem) } };
    const config = test.config({ drainTimeout: '10m', bindings });
    const task: ChildTask = { scenario, group: test.unique('baristas'), config };
    this.#test = test;
    this.#process = spawn(process.execPath, [test.subject.childProgram ?? '', JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = once(this.#process, 'close');
    let output = '';
    this.#process.stdout?.on('data', (chunk) => {
      output += String(chunk);
      this.words.splice(0, Infinity, ...output.split('\n').slice(0, -1));
    });
    this.#process.stderr?.on('data', (chunk) => {
      this.complaint += String(chunk);
    });
    test.cleanUp(async () => this.#process.kill('SIGKILL'));
  }

  async until(word: ChildWord): Promise<void> {
    await this.#test.eventually(() => {
      if (this.words.includes(word)) return;
      throw new Error(`the child said '${this.words.join(' ')}', not '${word}'. ${this.complaint}`);
    }, START_MS);
  }

  send(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Waits for its end; the exit code, or the signal that ended it. */
  async end(timeoutMs: number): Promise<number | string> {
    const [code, signal] = await this.#test.within('the end of the child process', this.#exit, timeoutMs);
    return (code ?? signal) as number | string;
  }
}
