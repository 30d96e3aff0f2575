import type { Moment } from '../ledger/entry';
import type { GroupRule } from './evidence';
import type { Handling, Story } from './story';

/** When its broker could first be told that a delivery is finished. */
export type Release = (handling: Handling) => Moment;

/**
 * Of a log only the position is told, and never past a gap: what is finished waits for what the same member has in hand before it in
 * the partition at that moment.
 */
export function releaseOf(stories: readonly Story[], groups: readonly GroupRule[]): Release {
  const logs = new Set(groups.filter(({ isLog }) => isLog).map(({ name }) => name));
  const inPlace = new Map<string, Handling[]>();
  for (const { handlings } of stories)
    for (const handling of handlings) {
      if (!logs.has(handling.group)) continue;
      const place = `${handling.member}.${handling.life} ${handling.group} ${handling.partition}`;
      const known = inPlace.get(place);
      if (known === undefined) inPlace.set(place, [handling]);
      else known.push(handling);
    }
  const releases = new Map<Handling, Moment>();
  for (const handlings of inPlace.values()) sweep(handlings, releases);
  return (handling) => releases.get(handling) ?? handling.releasedAt;
}

/** Goes through the time of one partition at one member. */
function sweep(handlings: readonly Handling[], releases: Map<Handling, Moment>): void {
  const begun = [...handlings].sort((one, other) => one.startedAt - other.startedAt);
  const released = [...handlings].sort((one, other) => one.releasedAt - other.releasedAt);
  const inHand = new Set<Handling>();
  let next = 0;
  for (const handling of released) {
    const { releasedAt } = handling;
    for (let one = begun[next]; one !== undefined && one.startedAt <= releasedAt; one = begun[next]) {
      inHand.add(one);
      next += 1;
    }
    inHand.delete(handling);
    let until = releasedAt;
    // Of what was never finished nobody knows until when it was held.
    for (const other of inHand)
      if (Number(other.position) < Number(handling.position) && other.releasedAt < Number.POSITIVE_INFINITY)
        until = Math.max(until, other.releasedAt);
    releases.set(handling, until);
  }
}
