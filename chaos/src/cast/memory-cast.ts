import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { now } from '../ledger/entry';
import type { Cast, CastRequest, Departure } from './cast';
import type { HostAnswer, HostCall, HostCalls, HostTask } from './memory-host';
import { everybody, roleOf } from './role';

const PROGRAM = join(__dirname, 'memory-host.js');

/** Members as applications of one process: a broker in memory lives in one. */
export class MemoryCast implements Cast {
  readonly departures: Departure[] = [];
  readonly #request: CastRequest;
  readonly #lives = new Map<string, number>();
  readonly #present = new Set<string>();
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  readonly #host: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #count = 0;

  constructor(request: CastRequest) {
    this.#request = request;
    const { folder, sampleMs, nodeOptions } = request;
    const task: HostTask = { folder, sampleMs };
    const log = openSync(join(folder, 'host.log'), 'a');
    this.#host = fork(PROGRAM, [JSON.stringify(task)], {
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [...nodeOptions],
    });
    closeSync(log);
    this.#ended = once(this.#host, 'exit');
    this.#host.on('message', (answer) => this.#answered(answer as HostAnswer));
    void this.#ended.then(([code]) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`the host ended with ${code}`));
    });
  }

  get present(): readonly string[] {
    return [...this.#present];
  }

  lifeOf(member: string): number {
    return this.#lives.get(member) ?? 0;
  }

  async start(member: string): Promise<void> {
    const { folder, config, perSecond, keys } = this.#request;
    const life = this.lifeOf(member) + 1;
    this.#lives.set(member, life);
    this.#present.add(member);
    const producers = everybody.filter((name) => roleOf(name) === 'producer').length;
    await this.call('start', { name: member, life, folder, config, perSecond: perSecond / producers, keys });
  }

  kill(member: string): Promise<void> {
    return this.#leave(member, 'killed', 'halt');
  }

  drain(member: string): Promise<void> {
    return this.#leave(member, 'drained', 'drain');
  }

  async end(): Promise<void> {
    const asked = now();
    await this.call('end');
    const timer = setTimeout(() => this.#host.kill('SIGKILL'), this.#request.deadlineMs);
    const [code, signal] = await this.#ended;
    clearTimeout(timer);
    const isForced = signal === 'SIGKILL';
    const seconds = (now() - asked) / 1_000;
    const ending = (code ?? signal) as number | string;
    this.departures.push({ member: 'host', life: 1, at: now(), how: 'drained', seconds, code: ending, isForced });
  }

  async close(): Promise<void> {
    if (this.#host.exitCode !== null || this.#host.signalCode !== null) return;
    this.#host.kill('SIGKILL');
    await this.#ended;
  }

  call<N extends keyof HostCalls>(name: N, ...args: Parameters<HostCalls[N]>): ReturnType<HostCalls[N]> {
    this.#count += 1;
    const id = this.#count;
    this.#host.send({ id, name, args } satisfies HostCall);
    return new Promise<unknown>((resolve, reject) => this.#calls.set(id, { resolve, reject })) as ReturnType<
      HostCalls[N]
    >;
  }

  async #leave(member: string, how: 'killed' | 'drained', call: 'halt' | 'drain'): Promise<void> {
    const asked = now();
    await this.call(call, member);
    this.#present.delete(member);
    const [at, life] = [now(), this.lifeOf(member)];
    this.departures.push({ member, life, at, how, seconds: (at - asked) / 1_000, code: 0, isForced: false });
  }

  #answered({ id, value, error }: HostAnswer): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(new Error(error));
  }
}
