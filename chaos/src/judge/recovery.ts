import type { Fault } from '../faults/fault';
import type { Moment } from '../ledger/entry';
import type { Evidence } from './evidence';

/** How long messages took to flow again, counted from the moment when the cause of the fault was gone. */
export interface Recovery {
  readonly fault: number;
  /** Until every producer had a send confirmed. */
  readonly producerSeconds: number | undefined;
  /** Until every group had handled a message of each of its partitions. */
  readonly consumerSeconds: number | undefined;
  /** Another fault began before that, and may have a share in it. */
  readonly isOverlapped: boolean;
}

/** Longer than that is no recovery: the flow was ended by something else. */
const LIMIT_MS = 90_000;
/** A flow that had nothing for so long before the fault has no gap to close. */
const ALIVE_MS = 15_000;

export function recoveriesOf(evidence: Evidence): Recovery[] {
  const confirmed = new Flows();
  const handled = new Map<string, Flows>();
  for (const { send, handlings } of evidence.stories) {
    if (send?.outcome === 'confirmed') confirmed.add(`${send.member}.${send.life}`, send.answeredAt);
    for (const { group, partition, outcome, endedAt } of handlings) {
      if (outcome !== 'done') continue;
      const flows = handled.get(group) ?? new Flows();
      handled.set(group, flows);
      flows.add(String(partition), endedAt);
    }
  }
  return evidence.faults.map((fault) => {
    const { beganAt, removedAt, groups, hitsProducers } = fault;
    const producerMs = hitsProducers ? confirmed.resumedAfter(beganAt, removedAt) : undefined;
    const consumerMs = longest(groups.map((group) => handled.get(group)?.resumedAfter(beganAt, removedAt)));
    const until = removedAt + (longest([producerMs, consumerMs]) ?? 0);
    return {
      fault: fault.number,
      producerSeconds: inSeconds(producerMs),
      consumerSeconds: inSeconds(consumerMs),
      isOverlapped: evidence.faults.some((other) => other !== fault && overlaps(other, beganAt, until)),
    };
  });
}

/** When the effects of a fault were over: its cause gone, and messages flowing again. */
export function recoveredAt(fault: Fault, recovery: Recovery | undefined): Moment {
  return fault.removedAt + 1_000 * (longest([recovery?.producerSeconds, recovery?.consumerSeconds]) ?? 0);
}

/** Moments of several flows that ought to go on side by side: partitions, or producers. */
class Flows {
  readonly #moments = new Map<string, Moment[]>();
  #isSorted = false;

  add(name: string, at: Moment): void {
    const moments = this.#moments.get(name);
    if (moments === undefined) this.#moments.set(name, [at]);
    else moments.push(at);
    this.#isSorted = false;
  }

  /** Milliseconds until the last of the flows that were alive before had gone on. */
  resumedAfter(beganAt: Moment, removedAt: Moment): number | undefined {
    if (!this.#isSorted) for (const moments of this.#moments.values()) moments.sort((one, other) => one - other);
    this.#isSorted = true;
    return longest(
      [...this.#moments.values()].map((moments) => {
        const index = firstNotBefore(moments, removedAt);
        const before = moments[firstNotBefore(moments, beganAt) - 1];
        const after = moments[index];
        if (before === undefined || after === undefined || beganAt - before > ALIVE_MS) return undefined;
        return after - removedAt > LIMIT_MS ? undefined : after - removedAt;
      }),
    );
  }
}

function firstNotBefore(moments: readonly Moment[], at: Moment): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] as Moment) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function overlaps(other: Fault, from: Moment, until: Moment): boolean {
  return other.beganAt <= until && other.removedAt >= from;
}

function longest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms) / 1_000;
}
