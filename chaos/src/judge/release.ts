import type { Moment } from '../ledger/entry';
import type { GroupRule } from './evidence';
import type { Handling, Story } from './story';

/** When its broker could first be told that a delivery is finished. */
export type Release = (handling: Handling) => Moment;

/**
 * Of a log only the position is told, and never past a gap. So what is finished waits for everything before it in the partition:
 * until it is finished for the first time, by whomever, and where it came again, until the same member has finished it again. What
 * waits behind its key in a member is a gap, too, long before anybody hears that it has begun.
 */
export function releaseOf(stories: readonly Story[], groups: readonly GroupRule[]): Release {
  const logs = new Set(groups.filter(({ isLog }) => isLog).map(({ name }) => name));
  const partitions = new Map<string, Handling[]>();
  for (const { handlings } of stories)
    for (const handling of handlings)
      if (logs.has(handling.group)) addTo(partitions, `${handling.group} ${handling.partition}`, handling);
  const releases = new Map<Handling, Moment>();
  for (const handlings of partitions.values()) {
    later(handlings, Math.min, releases);
    for (const tenure of tenuresIn(handlings)) later(tenure, Math.max, releases);
  }
  return (handling) => releases.get(handling) ?? handling.releasedAt;
}

/** Nothing is released before the last of those before it. `ofPosition`: which counts, where one was finished several times. */
function later(
  handlings: readonly Handling[],
  ofPosition: (...moments: Moment[]) => Moment,
  releases: Map<Handling, Moment>,
): void {
  const positions = new Map<number, Handling[]>();
  for (const handling of handlings) addTo(positions, Number(handling.position), handling);
  let before = Number.NEGATIVE_INFINITY;
  for (const [, here] of [...positions].sort(([one], [other]) => one - other)) {
    for (const handling of here)
      releases.set(handling, Math.max(before, handling.releasedAt, releases.get(handling) ?? before));
    // Of what was never finished nobody knows until when it was held.
    const known = here.map(({ releasedAt }) => releasedAt).filter((at) => at < Number.POSITIVE_INFINITY);
    if (known.length > 0) before = Math.max(before, ofPosition(...known));
  }
}

/** What a member had of a partition at a stretch: where something that it had finished begins again, it was given it anew. */
function tenuresIn(handlings: readonly Handling[]): readonly Handling[][] {
  const byMember = new Map<string, Handling[]>();
  for (const handling of handlings) addTo(byMember, `${handling.member}.${handling.life}`, handling);
  return [...byMember.values()].flatMap((ofMember) => {
    const tenures: Handling[][] = [];
    let finished = new Map<string | undefined, Moment>();
    for (const handling of ofMember.sort((one, other) => one.startedAt - other.startedAt)) {
      const { position, startedAt, releasedAt } = handling;
      if (tenures.length === 0 || (finished.get(position) ?? startedAt) < startedAt) {
        tenures.push([]);
        finished = new Map();
      }
      tenures.at(-1)?.push(handling);
      finished.set(position, releasedAt);
    }
    return tenures;
  });
}

function addTo<Key>(lists: Map<Key, Handling[]>, key: Key, handling: Handling): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [handling]);
  else list.push(handling);
}
