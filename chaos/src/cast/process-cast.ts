import { join } from 'node:path';
import { now } from '../ledger/entry';
import type { Cast, CastRequest, Departure } from './cast';
import { MemberProcess } from './member-process';
import { everybody, roleOf } from './role';

/** A machine that is busy with other things takes its time to load a program. */
const START_LIMIT_MS = 180_000;

/** Members as processes, one each. */
export class ProcessCast implements Cast {
  readonly departures: Departure[] = [];
  readonly #request: CastRequest;
  readonly #lives = new Map<string, number>();
  readonly #present = new Map<string, MemberProcess>();
  readonly #farewells = new Map<MemberProcess, { readonly how: 'killed' | 'drained'; readonly at: number }>();

  constructor(request: CastRequest) {
    this.#request = request;
    // SIGKILL ends even what is frozen.
    process.once('exit', () => this.killAll());
  }

  get present(): readonly string[] {
    return [...this.#present.keys()];
  }

  lifeOf(member: string): number {
    return this.#lives.get(member) ?? 0;
  }

  async start(member: string): Promise<void> {
    if (this.#present.has(member)) throw new Error(`${member} is there already`);
    const { folder, config, perSecond, keys, sampleMs, nodeOptions, environment } = this.#request;
    const life = this.lifeOf(member) + 1;
    this.#lives.set(member, life);
    const producers = everybody.filter((name) => roleOf(name) === 'producer').length;
    const task = { name: member, life, folder, config, perSecond: perSecond / producers, keys, sampleMs };
    const child = new MemberProcess(task, join(folder, `${member}.${life}.log`), nodeOptions, environment);
    this.#present.set(member, child);
    void child.ended.then(({ code, signal }) => this.#left(member, life, child, code ?? signal ?? 'unknown'));
    await within(child.running, START_LIMIT_MS, `${member} does not run`);
  }

  async kill(member: string): Promise<void> {
    const child = this.#processOf(member);
    this.#farewells.set(child, { how: 'killed', at: now() });
    child.signal('SIGKILL');
    await child.ended;
  }

  async drain(member: string): Promise<void> {
    const child = this.#processOf(member);
    this.#farewells.set(child, { how: 'drained', at: now() });
    child.signal('SIGTERM');
    await within(child.ended, this.#request.deadlineMs, `${member} does not end`).catch(() => child.signal('SIGKILL'));
    await child.ended;
  }

  /** Each process has ended by itself already. */
  async end(): Promise<void> {
    if (this.#present.size > 0) throw new Error(`${this.present.join(', ')} have not ended`);
  }

  /** It is there and does nothing until {@link thaw}. */
  freeze(member: string): void {
    this.#processOf(member).signal('SIGSTOP');
  }

  thaw(member: string): void {
    this.#processOf(member).signal('SIGCONT');
  }

  killAll(): void {
    for (const child of this.#present.values()) child.signal('SIGKILL');
  }

  #processOf(member: string): MemberProcess {
    const child = this.#present.get(member);
    if (child === undefined) throw new Error(`${member} is not there`);
    return child;
  }

  #left(member: string, life: number, child: MemberProcess, code: number | string): void {
    const at = now();
    const { how, at: asked } = this.#farewells.get(child) ?? { how: 'alone' as const, at };
    this.#farewells.delete(child);
    this.#present.delete(member);
    const seconds = (at - asked) / 1_000;
    const isForced = how === 'drained' && code === 'SIGKILL';
    this.departures.push({ member, life, at, how, seconds, code, isForced });
  }
}

async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} after ${limitMs / 1_000} s`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
