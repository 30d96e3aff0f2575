/** What a member of the group says of itself. */
export interface GroupMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** Which static share it wants, if any. */
  readonly share?: { readonly index: number; readonly count: number } | undefined;
  /** What it has had so far, and since which generation of the group. */
  readonly owned?: Assignment | undefined;
  readonly generation?: number | undefined;
}

export type Assignment = Readonly<Record<string, readonly number[]>>;

export function partitionsOf(assignment: Assignment): { topic: string; partition: number }[] {
  return Object.entries(assignment).flatMap(([topic, ids]) => ids.map((partition) => ({ topic, partition })));
}

/**
 * Java's range assignor: of each topic, every member that reads it gets neighbouring partitions, members in the order of their
 * ids. Under the same name as in Java, so that one group may hold Java and Millrace members. Beyond Java's, members keep what
 * they have had as far as the shares stay even: what runs there need not be interrupted. Members with a static share get
 * `partition % count === index` of each topic instead, and leave the rest to those without.
 */
export function assignPartitions(
  members: readonly GroupMember[],
  partitionsOf: (topic: string) => readonly number[],
): Map<string, Record<string, number[]>> {
  const ordered = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const result = new Map<string, Record<string, number[]>>(ordered.map(({ memberId }) => [memberId, {}]));
  for (const topic of new Set(ordered.flatMap((member) => member.topics))) {
    const readers = ordered.filter((member) => member.topics.includes(topic));
    const partitions = [...partitionsOf(topic)].sort((a, b) => a - b);
    const taken = staticShares(readers, partitions);
    const left = partitions.filter((each) => ![...taken.values()].flat().includes(each));
    const free = readers.filter(({ share }) => share === undefined);
    for (const [memberId, own] of [...taken, ...evenShares(topic, free, left)]) {
      const assignment = result.get(memberId);
      if (assignment !== undefined && own.length > 0) assignment[topic] = own;
    }
  }
  return result;
}

function staticShares(readers: readonly GroupMember[], partitions: readonly number[]): Map<string, number[]> {
  const result = new Map<string, number[]>();
  const taken = new Set<number>();
  for (const { memberId, share } of readers) {
    if (share === undefined) continue;
    const own = partitions.filter((each) => each % share.count === share.index && !taken.has(each));
    for (const each of own) taken.add(each);
    result.set(memberId, own);
  }
  return result;
}

/** Shares that differ by one at most; who has the most claims gets one of the larger. */
function evenShares(topic: string, members: readonly GroupMember[], partitions: readonly number[]) {
  const claims = claimsOf(topic, members, partitions);
  const count = (member: GroupMember): number => claims.get(member)?.length ?? 0;
  const byClaims = [...members].sort((a, b) => count(b) - count(a));
  const least = Math.floor(partitions.length / Math.max(1, members.length));
  const larger = new Set(byClaims.slice(0, partitions.length - least * members.length));
  const sizeOf = (member: GroupMember): number => least + (larger.has(member) ? 1 : 0);
  const kept = new Map(members.map((member) => [member, (claims.get(member) ?? []).slice(0, sizeOf(member))]));
  const stays = new Set([...kept.values()].flat());
  const open = partitions.filter((each) => !stays.has(each));
  return new Map(
    members.map((member) => {
      const own = kept.get(member) ?? [];
      return [member.memberId, [...own, ...open.splice(0, sizeOf(member) - own.length)].sort((a, b) => a - b)];
    }),
  );
}

/** What each member has had, without what another has had since: somebody who was away for a while does not know. */
function claimsOf(
  topic: string,
  members: readonly GroupMember[],
  partitions: readonly number[],
): Map<GroupMember, number[]> {
  const open = new Set(partitions);
  const latestFirst = [...members].sort((a, b) => (b.generation ?? -1) - (a.generation ?? -1));
  return new Map(
    latestFirst.map((member) => [member, (member.owned?.[topic] ?? []).filter((each) => open.delete(each))]),
  );
}
