import type { Departure } from '../src/cast/cast';
import type { Fault } from '../src/faults/fault';
import type { Evidence, Rules } from '../src/judge/evidence';
import { judge, type Verdict } from '../src/judge/judge';
import type { Letter } from '../src/judge/letter';
import { storiesOf } from '../src/judge/story';
import type { Entry, SampleEntry, Told } from '../src/ledger/entry';

export const rules: Rules = {
  groups: [
    { name: 'processors', after: undefined, uncommittedMs: 1_000, isLog: true },
    { name: 'workers', after: 'processors', uncommittedMs: 1_000, isLog: true },
  ],
  endSeconds: 35,
  maxRssMb: 400,
  bytesOf: (group, key, number) => bytesOf(group, key, number),
};

export function bytesOf(group: string, key: string, number: number): Buffer {
  return Buffer.from(JSON.stringify({ key, number, for: group }));
}

/** Where and when a message is handled. */
export interface Handled {
  readonly group?: string;
  readonly member?: string;
  readonly life?: number;
  readonly id?: string;
  readonly partition?: number;
  readonly attempt?: number;
  readonly position?: number;
  /** `open`: the process was killed meanwhile. */
  readonly outcome?: 'done' | 'failed' | 'open';
}

/** A run written by hand, moment by moment, in milliseconds. Nothing is wrong with it but what a test writes into it. */
export class HandMadeRun {
  readonly entries: Told[] = [];
  readonly faults: Fault[] = [];
  readonly letters: Letter[] = [];
  readonly departures: Departure[] = [];

  /** Sent and confirmed at once, and nothing else. */
  confirmed(key: string, number: number, at = 0, member = 'producer-1'): this {
    this.tell(member, 1, { at, what: 'sending', key, number });
    return this.tell(member, 1, { at: at + 1, what: 'confirmed', key, number });
  }

  rejected(key: string, number: number, at = 0): this {
    this.tell('producer-1', 1, { at, what: 'sending', key, number });
    return this.tell('producer-1', 1, { at: at + 1, what: 'rejected', key, number, why: 'no broker' });
  }

  unanswered(key: string, number: number, at = 0): this {
    return this.tell('producer-1', 1, { at, what: 'sending', key, number });
  }

  handled(key: string, number: number, from: number, until: number, how: Handled = {}): this {
    const {
      group = 'processors',
      member = `${group}-1`,
      life = 1,
      partition = 0,
      attempt = 1,
      outcome = 'done',
      position = 0,
    } = how;
    const id = how.id ?? `${group} ${key}#${number}`;
    const facts = { group, key, number, id };
    this.tell(member, life, { at: from, what: 'started', ...facts, partition, position: String(position), attempt });
    return outcome === 'open' ? this : this.tell(member, life, { at: until, what: outcome, ...facts });
  }

  /** What the handler returned was confirmed. */
  settled(key: string, number: number, at: number, group = 'processors', member = `${group}-1`): this {
    return this.tell(member, 1, { at, what: 'settled', group, id: `${group} ${key}#${number}` });
  }

  /** The whole way, in peace: confirmed, processed, worked on. */
  wentWell(key: string, number: number, at: number): this {
    this.confirmed(key, number, at);
    this.handled(key, number, at + 2, at + 4);
    return this.handled(key, number, at + 6, at + 8, { group: 'workers' });
  }

  /** Told by the application and found in the broker. */
  buried(key: string, number: number, at: number, group = 'workers', member = `${group}-1`): this {
    const id = `${group} ${key}#${number}`;
    this.tell(member, 1, { at, what: 'dead', group, id, isWritten: true, why: 'doomed' });
    return this.letter(group, bytesOf(group, key, number));
  }

  letter(
    group: string,
    body: Uint8Array | null,
    errorMessage: string | undefined = 'doomed',
    errorName = 'Error',
  ): this {
    this.letters.push({ group, body, errorName, errorMessage });
    return this;
  }

  fault(fault: Partial<Fault> & Pick<Fault, 'beganAt'>): this {
    this.faults.push({
      number: this.faults.length + 1,
      name: 'broker killed',
      target: 'node 1',
      forSeconds: 0,
      hitAt: fault.beganAt,
      removedAt: fault.beganAt,
      life: undefined,
      groups: ['processors', 'workers'],
      hitsProducers: true,
      repeats: 'everything',
      times: 1,
      isOutage: true,
      ...fault,
    });
    return this;
  }

  departed(departure: Partial<Departure>): this {
    const peaceful = {
      member: 'workers-1',
      life: 1,
      at: 0,
      how: 'drained',
      seconds: 1,
      code: 0,
      isForced: false,
    } as const;
    this.departures.push({ ...peaceful, ...departure });
    return this;
  }

  sample(member: string, at: number, rssMb: number): this {
    return this.tell(member, 1, { at, what: 'sample', rssMb, heapMb: 1, handles: 1, files: 1 } satisfies SampleEntry);
  }

  tell(member: string, life: number, entry: Entry): this {
    this.entries.push({ ...entry, member, life });
    return this;
  }

  get evidence(): Evidence {
    const { entries, faults, letters, departures } = this;
    return { entries, stories: storiesOf(entries), faults, letters, departures };
  }

  verdict(): Verdict {
    return judge(this.evidence, rules);
  }

  /** What the judge complains of. */
  sentences(): string[] {
    return this.verdict().violations.map(({ invariant, sentence }) => `${invariant}: ${sentence}`);
  }
}

export const run = (): HandMadeRun => new HandMadeRun();
