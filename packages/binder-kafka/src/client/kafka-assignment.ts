/** What a member of the group says of itself. */
export interface GroupMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  /** Which static share it wants, if any. */
  readonly share: { readonly index: number; readonly count: number } | undefined;
}

export type Assignment = Record<string, number[]>;

/**
 * Java's range assignor: of each topic, every member that reads it gets neighbouring partitions, members in the order of their
 * ids. Under the same name as in Java, so that one group may hold Java and Millrace members. Members with a static share get
 * `partition % count === index` of each topic instead, and leave the rest to those without.
 */
export function assignPartitions(
  members: readonly GroupMember[],
  partitionsOf: (topic: string) => readonly number[],
): Map<string, Assignment> {
  const ordered = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const result = new Map<string, Assignment>(ordered.map(({ memberId }) => [memberId, {}]));
  for (const topic of new Set(ordered.flatMap((member) => member.topics))) {
    const partitions = [...partitionsOf(topic)].sort((a, b) => a - b);
    const readers = ordered.filter((member) => member.topics.includes(topic));
    for (const [memberId, own] of shares(readers, partitions)) {
      const assignment = result.get(memberId);
      if (assignment !== undefined && own.length > 0) assignment[topic] = own;
    }
  }
  return result;
}

function shares(readers: readonly GroupMember[], partitions: readonly number[]): Map<string, number[]> {
  const result = new Map<string, number[]>();
  const taken = new Set<number>();
  for (const { memberId, share } of readers) {
    if (share === undefined) continue;
    const own = partitions.filter((each) => each % share.count === share.index && !taken.has(each));
    for (const each of own) taken.add(each);
    result.set(memberId, own);
  }
  const free = readers.filter((reader) => reader.share === undefined);
  const left = partitions.filter((each) => !taken.has(each));
  const size = Math.floor(left.length / Math.max(1, free.length));
  const larger = free.length === 0 ? 0 : left.length % free.length;
  let start = 0;
  for (const [index, { memberId }] of free.entries()) {
    const end = start + size + (index < larger ? 1 : 0);
    result.set(memberId, left.slice(start, end));
    start = end;
  }
  return result;
}
