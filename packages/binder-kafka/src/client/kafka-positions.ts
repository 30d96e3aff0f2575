import type { Position, TopicPartition } from '../kafka-port';
import type { Assignment } from './kafka-assignment';

export interface OffsetTopic {
  topic: string;
  partitions: { partition: number; offset: string }[];
}

/** The coordinator of a group, as far as it is asked for positions. */
export interface PositionBroker {
  offsetFetch(request: {
    groupId: string;
    topics: { topic: string; partitions: { partition: number }[] }[];
  }): Promise<{ responses: OffsetTopic[] }>;
}

export interface PositionCluster {
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning?: boolean; fromTimestamp?: number }[],
  ): Promise<OffsetTopic[]>;
}

/** Where a group starts in these topics, as long as it has no position. */
export interface StartPlace {
  readonly topics: readonly string[];
  readonly from: 'latest' | number;
}

/** The positions that the group has of these partitions; those without one are left out. */
export async function committedPositions(
  broker: PositionBroker,
  group: string,
  assignment: Assignment,
): Promise<Position[]> {
  const topics = Object.entries(assignment)
    .filter(([, ids]) => ids.length > 0)
    .map(([topic, ids]) => ({ topic, partitions: ids.map((partition) => ({ partition })) }));
  if (topics.length === 0) return [];
  const { responses } = await broker.offsetFetch({ groupId: group, topics });
  return flatten(responses).filter(({ offset }) => Number(offset) >= 0);
}

/**
 * A group without a position starts where its first record would be. Where it is to start elsewhere, that place is committed
 * before the first join: so nothing sent after the binding is open can be missed, and a crash does not move the start.
 */
export async function startPositions(
  broker: PositionBroker,
  cluster: PositionCluster,
  group: string,
  { topics: names, from }: StartPlace,
): Promise<Position[]> {
  const topics = names
    .map((topic) => ({
      topic,
      partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId })),
    }))
    .filter(({ partitions }) => partitions.length > 0);
  if (topics.length === 0) return [];
  const { responses } = await broker.offsetFetch({ groupId: group, topics });
  const open = flatten(responses).filter(({ offset }) => Number(offset) < 0);
  return open.length === 0 ? [] : positionsAt(cluster, open, from);
}

async function positionsAt(
  cluster: PositionCluster,
  open: readonly TopicPartition[],
  from: 'latest' | number,
): Promise<Position[]> {
  const latest = flatten(await cluster.fetchTopicsOffset(byTopic(open, { fromBeginning: false })));
  if (from === 'latest') return latest;
  const found = flatten(await cluster.fetchTopicsOffset(byTopic(open, { fromTimestamp: from })));
  return latest.map((end) => {
    const at = found.find((each) => each.topic === end.topic && each.partition === end.partition);
    return at !== undefined && Number(at.offset) >= 0 ? at : end;
  });
}

function byTopic<Where>(open: readonly TopicPartition[], where: Where) {
  const topics = new Map<string, { partition: number }[]>();
  for (const { topic, partition } of open) topics.set(topic, [...(topics.get(topic) ?? []), { partition }]);
  return [...topics].map(([topic, partitions]) => ({ topic, partitions, ...where }));
}

function flatten(topics: readonly OffsetTopic[]): Position[] {
  return topics.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => ({ topic, partition, offset })),
  );
}
