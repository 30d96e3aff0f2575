import { setTimeout as pause } from 'node:timers/promises';
import { everybody, roleOf } from '../cast/role';
import type { Fault } from '../faults/fault';
import type { Evidence } from '../judge/evidence';
import { storiesOf } from '../judge/story';
import type { Told } from '../ledger/entry';
import { LedgerReader } from '../ledger/ledger-reader';
import type { BinderName } from '../schedule/fault-kind';
import type { PlannedFault } from '../schedule/schedule';
import { groups, type Site } from '../site/site';
import { FaultRunner } from './fault-runner';
import { Progress } from './progress';
import { groupsOn } from './rules';

export interface RunRequest {
  readonly binder: BinderName;
  readonly seconds: number;
  readonly faults: readonly PlannedFault[];
  /** Where the ledgers are. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** One line for whoever watches. */
  readonly told: (line: string) => void;
}

const READ_EVERY_MS = 250;
const FLOW_LIMIT_MS = 120_000;
/** Nothing more comes when nothing has come for so long, longer than any session or back-off. */
const IDLE_MS = 45_000;

/** One run: the cast begins, faults happen, the cast ends; then everything that was written down is evidence. */
export async function chaosRun(site: Site, request: RunRequest): Promise<Evidence> {
  const { binder, seconds, faults: planned, folder, signal, told } = request;
  const watch = new Watch(folder);
  try {
    await startAll(site);
    await watch.until((progress) => progress.isFlowing, FLOW_LIMIT_MS);
    told('messages flow');
    const { cast, actions } = site;
    const runner = new FaultRunner({ cast, actions, groupsOn: (where) => groupsOn(binder, where), told });
    const faults = await runner.run(planned, seconds, signal);
    await drain(site, ['producer']);
    told('producers have ended');
    await watch.until(({ outstanding, idleMs }) => outstanding === 0 || idleMs > IDLE_MS, Number.POSITIVE_INFINITY);
    told(watch.progress.outstanding === 0 ? 'everything is handled' : `${watch.progress.outstanding} left over`);
    await drain(site, ['processor', 'worker', 'archivist']);
    told('everybody has ended');
    return await watch.evidence(site, faults);
  } finally {
    watch.close();
  }
}

/** Consumers first, so that nothing has to wait for them. */
async function startAll({ cast }: Site): Promise<void> {
  for (const roles of [['archivist', 'worker'], ['processor'], ['producer']])
    await Promise.all(everybody.filter((member) => roles.includes(roleOf(member))).map((member) => cast.start(member)));
}

async function drain({ cast }: Site, roles: readonly string[]): Promise<void> {
  for (const role of roles)
    await Promise.all(cast.present.filter((member) => roleOf(member) === role).map((member) => cast.drain(member)));
}

/** Reads the ledgers while they are written. */
class Watch {
  readonly progress = new Progress(Object.keys(groups));
  readonly #entries: Told[] = [];
  readonly #reader: LedgerReader;
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string) {
    this.#reader = new LedgerReader(folder);
    this.#timer = setInterval(() => this.#read(), READ_EVERY_MS);
  }

  async until(condition: (progress: Progress) => boolean, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!condition(this.progress)) {
      if (performance.now() > deadline) throw new Error(`messages do not flow after ${limitMs / 1_000} s`);
      await pause(READ_EVERY_MS);
    }
  }

  async evidence(site: Site, faults: readonly Fault[]): Promise<Evidence> {
    const letters = await site.letters();
    await site.cast.end();
    this.#read();
    const entries = this.#entries;
    return { entries, stories: storiesOf(entries), faults, departures: site.cast.departures, letters };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#reader.close();
  }

  #read(): void {
    this.#reader.read((entry) => {
      this.#entries.push(entry);
      this.progress.add(entry);
    });
  }
}
