import { setTimeout as sleep } from 'node:timers/promises';
import type { Position, TopicPartition } from '../kafka-port';
import { type FetchBroker, KafkaEpochs } from './kafka-epochs';

/** The parts of a broker connection that a member of a group needs. */
export interface GroupBroker extends FetchBroker {
  readonly nodeId: string;
  isConnected(): boolean;
  joinGroup(request: { readonly memberId?: string }): Promise<Member>;
  syncGroup(request: object): Promise<object>;
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
  heartbeat(member: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: CommitTopic[];
  }): Promise<unknown>;
  offsetFetch(request: {
    groupId: string;
    topics: { topic: string; partitions: { partition: number }[] }[];
  }): Promise<{ responses: OffsetTopic[] }>;
}

/** The parts of the client's cluster that a member of a group needs; handed to partition assigners. */
export interface GroupCluster {
  findGroupCoordinator(request: { groupId: string }): Promise<GroupBroker>;
  findBroker(node: { nodeId: string }): Promise<GroupBroker>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning?: boolean; fromTimestamp?: number }[],
  ): Promise<OffsetTopic[]>;
}

interface Member {
  readonly memberId: string;
  readonly generationId: number;
}

interface OffsetTopic {
  topic: string;
  partitions: { partition: number; offset: string }[];
}

type CommitTopic = OffsetTopic;

export interface MembershipOptions {
  readonly group: string;
  readonly heartbeatInterval: number;
  readonly start: { readonly topics: readonly string[]; readonly from: 'latest' | number } | undefined;
  /** Awaited before a member of the group joins again. */
  readonly revoking: () => Promise<void>;
  /** The member that this client takes the place of: it leaves first, or the group would wait for it to time out. */
  readonly former: string | undefined;
}

/**
 * The place of one client in its group, watched at the one point where it can be lost: the client's request to join. kafkajs
 * (trap 16) rejoins at once when it hears of a rebalance; here the request is held back until what runs is done and committed,
 * with heartbeats going on. Commits go to the coordinator directly, as the client would repeat a refused one for seconds.
 */
export class KafkaMembership {
  readonly #options: MembershipOptions;
  readonly #epochs = new KafkaEpochs();
  #cluster: GroupCluster | undefined;
  #coordinator: GroupBroker | undefined;
  #member: Member | undefined;
  /** The last one in which this client was given partitions. */
  #assignedGeneration: number | undefined;
  #isRejoining = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
  }

  /** Called once with the client's own cluster, before it is used. */
  watch(cluster: GroupCluster): void {
    this.#cluster = cluster;
    this.#epochs.watch(cluster);
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (request) => {
      this.#coordinator = this.#watched(await find(request));
      return this.#coordinator;
    };
  }

  get memberId(): string | undefined {
    return this.#member?.memberId;
  }

  /** The last one in which it was given partitions. */
  get generation(): number | undefined {
    return this.#assignedGeneration;
  }

  /** Called when partitions were given. Whether nobody else can have had the former ones in between. */
  assigned(): boolean {
    this.#epochs.next();
    this.#isRejoining = false;
    const generation = this.#member?.generationId;
    const kept = generation !== undefined && this.#assignedGeneration === generation - 1;
    this.#assignedGeneration = generation;
    return kept;
  }

  /** Whether the records were asked for in the present generation. */
  isCurrent(messages: object | undefined): boolean {
    return this.#epochs.isCurrent(messages);
  }

  async commit(positions: readonly Position[]): Promise<void> {
    if (this.#member === undefined) throw new Error('not a member of the group any more');
    // Between its answer and the new assignment the broker would take the positions of partitions that are another's by now.
    if (this.#isRejoining) throw new Error('the group shares its partitions out anew');
    const { memberId, generationId } = this.#member;
    await this.#commitAs(memberId, generationId, positions);
  }

  #watched(broker: GroupBroker): GroupBroker {
    const watched: GroupBroker = Object.create(broker);
    watched.joinGroup = async (request) => {
      const former = this.#member;
      if (former === undefined) {
        await this.#replaceFormer(broker);
        await this.#takePositions(broker);
      } else await this.#givingUp(broker, former, request.memberId === former.memberId);
      this.#isRejoining = true;
      const member = await broker.joinGroup(request);
      if (member.memberId !== former?.memberId) this.#assignedGeneration = undefined;
      this.#member = member;
      return member;
    };
    watched.syncGroup = async (request) => {
      const assignment = await broker.syncGroup(request);
      this.#epochs.next();
      return assignment;
    };
    return watched;
  }

  async #replaceFormer(broker: GroupBroker): Promise<void> {
    const { former, group } = this.#options;
    if (former !== undefined) await broker.leaveGroup({ groupId: group, memberId: former }).catch(() => undefined);
  }

  /** Heartbeats keep the place until the consumer has let go, as long as there still is a place. */
  async #givingUp(broker: GroupBroker, member: Member, isKnown: boolean): Promise<void> {
    if (!isKnown) this.#member = undefined;
    let done = false;
    const released = this.#options.revoking().finally(() => {
      done = true;
    });
    const { group, heartbeatInterval } = this.#options;
    while (isKnown && !done) {
      await Promise.race([released, sleep(heartbeatInterval)]);
      if (done) break;
      await broker
        .heartbeat({ groupId: group, groupGenerationId: member.generationId, memberId: member.memberId })
        .catch(() => undefined);
    }
    await released;
  }

  /**
   * A group without a position starts where its first record would be. Where it is to start elsewhere, that place is committed
   * before the first join: so nothing sent after the binding is open can be missed, and a crash does not move the start.
   */
  async #takePositions(broker: GroupBroker): Promise<void> {
    const cluster = this.#cluster;
    const { start, group } = this.#options;
    if (start === undefined || cluster === undefined) return;
    const topics = start.topics
      .map((topic) => ({
        topic,
        partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ partition: partitionId })),
      }))
      .filter(({ partitions }) => partitions.length > 0);
    if (topics.length === 0) return;
    const { responses } = await broker.offsetFetch({ groupId: group, topics });
    const open = flatten(responses).filter(({ offset }) => Number(offset) < 0);
    if (open.length === 0) return;
    const positions = await startPositions(cluster, open, start.from);
    // A group that has members already has taken its positions: the broker refuses, rightly.
    await this.#commitAs('', -1, positions).catch(() => undefined);
  }

  async #commitAs(memberId: string, groupGenerationId: number, positions: readonly Position[]): Promise<void> {
    const topics = new Map<string, CommitTopic>();
    for (const { topic, partition, offset } of positions) {
      const entry = topics.get(topic) ?? { topic, partitions: [] };
      entry.partitions.push({ partition, offset });
      topics.set(topic, entry);
    }
    const broker = await this.#connectedCoordinator();
    await broker.offsetCommit({
      groupId: this.#options.group,
      groupGenerationId,
      memberId,
      topics: [...topics.values()],
    });
  }

  async #connectedCoordinator(): Promise<GroupBroker> {
    const coordinator = this.#coordinator;
    if (coordinator === undefined || this.#cluster === undefined) throw new Error('no coordinator of the group known');
    return coordinator.isConnected() ? coordinator : this.#cluster.findBroker({ nodeId: coordinator.nodeId });
  }
}

async function startPositions(
  cluster: GroupCluster,
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
