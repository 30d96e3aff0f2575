import type { Moment } from '../ledger/entry';
import type { Evidence, GroupRule, Violation } from './evidence';
import { InFlight, inFlightAt } from './in-flight';
import { buriedIn } from './losses';
import { type Recovery, recoveredAt } from './recovery';
import { releaseOf } from './release';
import { nameOf, type Story } from './story';

/** A message that a group finished once more. */
export interface Duplicate {
  readonly story: Story;
  readonly group: string;
  /** When; Infinity where only the broker tells: a dead letter that is there more often than anybody has told. */
  readonly at: Moment;
}

/** Duplicates, and what they are laid to. */
export interface Duplicates {
  readonly count: number;
  /** Of each fault, in the order of the faults. */
  readonly perFault: readonly { readonly inFlight: number; readonly duplicates: number }[];
  /** Those that no fault explains. */
  readonly unexplained: readonly Duplicate[];
}

/**
 * Lays each duplicate to a fault that had the message in flight: the latest that began before. Each message in flight accounts for
 * one duplicate in a group, so the duplicates of a fault are never more than what was in flight.
 */
export function duplicatesOf(
  evidence: Evidence,
  groups: readonly GroupRule[],
  recoveries: readonly Recovery[],
): Duplicates {
  const { stories, faults } = evidence;
  const release = releaseOf(stories, groups);
  const flights = faults.map((fault, index) =>
    inFlightAt(fault, recoveredAt(fault, recoveries[index]), stories, groups, release),
  );
  const laid = flights.map(() => 0);
  const unexplained: Duplicate[] = [];
  const all = found(evidence, groups);
  for (const duplicate of all) {
    const index = flights.findLastIndex((flight) => explains(flight, duplicate));
    if (index < 0) unexplained.push(duplicate);
    else laid[index] = (laid[index] ?? 0) + 1;
  }
  return {
    count: all.length,
    perFault: flights.map(({ count }, index) => ({ inFlight: count, duplicates: laid[index] ?? 0 })),
    unexplained,
  };
}

export function duplicateViolation({ story, group }: Duplicate): Violation {
  return {
    invariant: 'only what was in flight comes twice',
    sentence: `${group} had ${nameOf(story)} again, and it was not in flight at any fault`,
    story,
  };
}

function explains(flight: InFlight, { story, group, at }: Duplicate): boolean {
  return flight.fault.beganAt <= at && flight.take(story, group);
}

/** In the order of time: what happened first has the first claim. */
function found({ stories, letters }: Evidence, groups: readonly GroupRule[]): Duplicate[] {
  const buried = buriedIn(letters);
  const duplicates: Duplicate[] = [];
  for (const story of stories) {
    for (const { name } of groups) {
      const told = story.burials.filter(({ group }) => group === name).map(({ at }) => at);
      const silent = Math.max(0, (buried.get(name)?.get(nameOf(story)) ?? 0) - told.length);
      const done = story.handlings.filter(({ group, outcome }) => group === name && outcome === 'done');
      const moments = [...told, ...done.map(({ endedAt }) => endedAt), ...Array<number>(silent).fill(Infinity)];
      moments.sort((one, other) => one - other);
      for (const at of moments.slice(1)) duplicates.push({ story, group: name, at });
    }
  }
  return duplicates.sort((one, other) => one.at - other.at);
}
