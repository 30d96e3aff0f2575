import { setTimeout as pause } from 'node:timers/promises';
import type { Cast } from '../cast/cast';
import { groupOf, roleOf } from '../cast/role';
import type { Fault } from '../faults/fault';
import { now } from '../ledger/entry';
import type { PlannedFault } from '../schedule/schedule';
import type { Site } from '../site/site';

export interface FaultRunnerOptions {
  readonly cast: Cast;
  readonly actions: Site['actions'];
  /** Groups whose deliveries go over the broker of a fault. */
  readonly groupsOn: (where: string) => readonly string[];
  readonly told: (line: string) => void;
}

/** Carries out a schedule. One fault does not wait for another to be over. */
export class FaultRunner {
  readonly #options: FaultRunnerOptions;
  readonly #faults: Fault[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(options: FaultRunnerOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the seconds are over and every cause is gone. Stopped before, rejects when those that have begun are: they would
   * begin members and open lines that nobody ends.
   */
  async run(planned: readonly PlannedFault[], seconds: number, signal: AbortSignal): Promise<readonly Fault[]> {
    const startedAt = now();
    const reached = (second: number): Promise<void> =>
      pause(Math.max(0, startedAt + second * 1_000 - now()), undefined, { signal });
    try {
      for (const fault of planned) {
        await reached(fault.atSecond);
        const running = this.#carryOut(fault).finally(() => this.#running.delete(running));
        this.#running.add(running);
      }
      await reached(seconds);
    } finally {
      await Promise.all(this.#running);
    }
    return this.#faults.sort((one, other) => one.number - other.number);
  }

  async #carryOut(planned: PlannedFault): Promise<void> {
    const { kind, number, target, forSeconds } = planned;
    const { actions, told } = this.#options;
    const what = `${kind.name}: ${target}${forSeconds > 0 ? `, ${forSeconds} s` : ''}`;
    told(`${String(number).padStart(3)}  ${what}`);
    const scope = this.#scopeOf(planned);
    const beganAt = now();
    let hitAt = beganAt;
    let problem: string | undefined;
    try {
      const action = actions[kind.where]?.[kind.name];
      if (action === undefined) throw new Error('nobody here knows how');
      await action(planned, () => {
        hitAt = now();
      });
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      told(`${String(number).padStart(3)}  ${what}: could not be carried out: ${problem}`);
    }
    const { name, isOutage, repeats, times = 1 } = kind;
    const moments = { beganAt, hitAt, removedAt: now() };
    this.#faults.push({ number, name, target, forSeconds, isOutage, repeats, times, ...moments, ...scope, problem });
    if (problem === undefined) told(`${String(number).padStart(3)}  ${what}: cause gone`);
  }

  #scopeOf({ kind, target }: PlannedFault): Pick<Fault, 'life' | 'groups' | 'hitsProducers'> {
    const { cast, groupsOn } = this.#options;
    if (['producer', 'processor', 'consumer', 'newcomer'].includes(kind.target)) {
      const group = groupOf[roleOf(target)];
      const life = cast.lifeOf(target) + (kind.target === 'newcomer' ? 1 : 0);
      return { life, groups: group === undefined ? [] : [group], hitsProducers: false };
    }
    const groups = kind.groups ?? groupsOn(kind.where);
    return { life: undefined, groups, hitsProducers: groups.includes('processors') };
  }
}
