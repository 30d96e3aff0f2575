import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isFree } from './free-port';
import { OwnedProcess } from './owned-process';
import { until } from './until';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;
const LINES_OF_LOG = 30;

export interface BrokerProcessRequest {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly ports: readonly number[];
  /** The line that the broker logs when it is ready. */
  readonly started: string;
  readonly outlivesParent: boolean;
}

/** One broker as processes and files; started, ended, killed and started again. */
export class BrokerProcess {
  readonly #request: BrokerProcessRequest;
  readonly #logFile: string;
  #process: OwnedProcess | undefined;

  constructor(request: BrokerProcessRequest) {
    this.#request = request;
    this.#logFile = join(request.folder, 'server.log');
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get isRunning(): boolean {
    return this.#process?.isRunning === true;
  }

  log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, 'utf8') : '';
  }

  async restart(): Promise<void> {
    const { name, started } = this.#request;
    await this.shutDown();
    const loggedBefore = this.log().length;
    const running = await OwnedProcess.start({ ...this.#request, logFile: this.#logFile });
    this.#process = running;
    await until(
      () => !running.isRunning || this.log().includes(started, loggedBefore),
      START_TIMEOUT_MS,
      () => new Error(`${name} is not ready after ${START_TIMEOUT_MS / 1000} s:\n${this.#endOfLog()}`),
    );
    if (!running.isRunning) throw new Error(`${name} ended while it started:\n${this.#endOfLog()}`);
  }

  async shutDown(): Promise<void> {
    await this.#process?.terminate(STOP_TIMEOUT_MS);
    await this.#untilFree(this.#request.ports);
  }

  /** Nothing has to be saved for files that go away. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#request.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
    await this.#untilFree(this.#request.ports);
  }

  freeze(): void {
    this.#process?.signalGroup('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signalGroup('SIGCONT');
  }

  /** Only then nobody can reach it any more: a big process takes a moment to die, and its listeners with it. */
  async #untilFree(ports: readonly number[]): Promise<void> {
    const allFree = async () => (await Promise.all(ports.map(isFree))).every(Boolean);
    await until(allFree, STOP_TIMEOUT_MS, () => new Error(`somebody listens on one of the ports ${ports.join(', ')}`));
  }

  #endOfLog(): string {
    return this.log().split('\n').slice(-LINES_OF_LOG).join('\n');
  }
}
