import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerListener, Position } from '../kafka-port';
import { type Assignment, partitionsOf } from './kafka-assignment';
import { type FetchBroker, KafkaEpochs } from './kafka-epochs';
import { type FarewellBroker, KafkaMemberIds, type WritingBroker } from './kafka-member-ids';
import {
  committedPositions,
  type OffsetTopic,
  type PositionBroker,
  type PositionCluster,
  type StartPlace,
  startPositions,
} from './kafka-positions';
import { whenLoaded } from './when-loaded';

/** The parts of a broker connection that a member of a group needs. */
export interface GroupBroker extends FetchBroker, PositionBroker, FarewellBroker, WritingBroker {
  readonly nodeId: string;
  isConnected(): boolean;
  joinGroup(request: { readonly memberId?: string }): Promise<Member>;
  syncGroup(request: object): Promise<object>;
  heartbeat(member: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: OffsetTopic[];
  }): Promise<unknown>;
}

/** The parts of the client's cluster that a member of a group needs; handed to partition assigners. */
export interface GroupCluster extends PositionCluster {
  findGroupCoordinator(request: { groupId: string }): Promise<GroupBroker>;
  findBroker(node: { nodeId: string }): Promise<GroupBroker>;
  findControllerBroker(): Promise<CoordinatorFinder>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
}

interface CoordinatorFinder {
  findGroupCoordinator(request: { readonly groupId: string; readonly coordinatorType: number }): Promise<unknown>;
}

interface Member {
  readonly memberId: string;
  readonly generationId: number;
}

export interface MembershipOptions {
  readonly group: string;
  readonly heartbeatInterval: number;
  readonly start: StartPlace | undefined;
  /** What the coordinator's answer to a request to join gives this member. */
  readonly assignmentOf: (answer: object) => Assignment;
  /** Awaited before a member of the group joins again. */
  readonly revoking: () => Promise<void>;
  /** Awaited before anybody reads the positions of what this member is given. */
  readonly taking: ConsumerListener['taking'];
  /** See {@link ConsumerListener}. */
  readonly answered: ConsumerListener['answered'];
  /** The members that this client takes the place of: they leave first, or the group would wait for them to time out. */
  readonly formers: readonly string[];
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
  #committed: readonly Position[] | undefined;
  readonly #memberIds: KafkaMemberIds;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#memberIds = new KafkaMemberIds(options.group, options.formers);
  }

  /** Called once with the client's own cluster, before it is used. */
  watch(cluster: GroupCluster): void {
    this.#cluster = cluster;
    this.#epochs.watch(cluster);
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (request) => {
      try {
        this.#coordinator = this.#watched(await find(request));
      } catch (error) {
        throw await reasonOf(error, cluster, request);
      }
      return this.#coordinator;
    };
  }

  /** Its own and those it replaces, as long as none was seen to leave. */
  get memberIds(): readonly string[] {
    return this.#memberIds.all;
  }

  /** The last one in which it was given partitions. */
  get generation(): number | undefined {
    return this.#assignedGeneration;
  }

  /** Called when partitions were given. `kept`: nobody else can have had the former ones in between. */
  assigned(): { readonly kept: boolean; readonly committed: readonly Position[] } {
    this.#epochs.next();
    this.#isRejoining = false;
    const kept = this.#isKept;
    this.#assignedGeneration = this.#member?.generationId;
    return { kept, committed: this.#committed ?? [] };
  }

  get #isKept(): boolean {
    const generation = this.#member?.generationId;
    return generation !== undefined && this.#assignedGeneration === generation - 1;
  }

  /** Whether the records were asked for in the present generation. */
  isCurrent(messages: object | undefined): boolean {
    return this.#epochs.isCurrent(messages);
  }

  async commit(positions: readonly Position[]): Promise<void> {
    if (this.#member === undefined) throw new NotAMember();
    // Between its answer and the new assignment the broker would take the positions of partitions that are another's by now.
    if (this.#isRejoining) throw new Error('the group shares its partitions out anew');
    const { memberId, generationId } = this.#member;
    await this.#commitAs(memberId, generationId, positions);
  }

  /** Asks the group whether this is still one of its members; also while it shares out anew, until that is over. */
  async confirm(): Promise<void> {
    if (this.#member === undefined) throw new NotAMember();
    const { memberId, generationId: groupGenerationId } = this.#member;
    const broker = await this.#connectedCoordinator();
    try {
      await broker.heartbeat({ groupId: this.#options.group, groupGenerationId, memberId });
    } catch (error) {
      if ((error as { type?: unknown }).type !== 'REBALANCE_IN_PROGRESS') throw error;
    }
  }

  async positions(assignment: Assignment): Promise<Position[]> {
    return committedPositions(await this.#connectedCoordinator(), this.#options.group, assignment);
  }

  #watched(broker: GroupBroker): GroupBroker {
    const watched: GroupBroker = Object.create(broker);
    watched.joinGroup = async (request) => {
      const former = this.#member;
      if (former === undefined) {
        await this.#memberIds.leaveOthers(broker, request.memberId);
        await this.#takePositions(broker);
      } else await this.#givingUp(broker, former, request.memberId === former.memberId);
      this.#isRejoining = true;
      const member = await whenLoaded(() => this.#memberIds.noted(broker).joinGroup(request));
      if (member.memberId !== former?.memberId) this.#assignedGeneration = undefined;
      this.#member = member;
      return member;
    };
    watched.syncGroup = async (request) => {
      const askedAt = performance.now();
      const answer = await broker.syncGroup(request);
      this.#options.answered(askedAt);
      await this.#take(broker, answer);
      await this.#askPositions(broker, answer);
      this.#epochs.next();
      return answer;
    };
    watched.leaveGroup = (member) => this.#memberIds.leave(broker, member);
    watched.heartbeat = (request) => this.#beat(broker, request);
    return watched;
  }

  /** Heartbeats keep the place until the consumer has let go, as long as there still is a place. */
  async #givingUp(broker: GroupBroker, member: Member, isKnown: boolean): Promise<void> {
    if (!isKnown) this.#member = undefined;
    const released = this.#options.revoking();
    if (isKnown) await this.#keepPlace(broker, member, released);
    await released;
  }

  /** What is given is taken from whoever has had it, however long that lasts. */
  async #take(broker: GroupBroker, answer: object): Promise<void> {
    const { taking, assignmentOf } = this.#options;
    if (taking === undefined) return;
    const taken = taking(partitionsOf(assignmentOf(answer)), this.#isKept);
    if (this.#member !== undefined) await this.#keepPlace(broker, this.#member, taken);
    await taken;
  }

  /** While it shares out anew, too, the group keeps a member that shows that it lives. */
  async #beat(broker: GroupBroker, request: Parameters<GroupBroker['heartbeat']>[0]): Promise<unknown> {
    const askedAt = performance.now();
    try {
      const answer = await broker.heartbeat(request);
      this.#options.answered(askedAt);
      return answer;
    } catch (error) {
      if ((error as { type?: unknown }).type === 'REBALANCE_IN_PROGRESS') this.#options.answered(askedAt);
      throw error;
    }
  }

  /** Heartbeats until the work is done. Never rejects. */
  async #keepPlace(broker: GroupBroker, member: Member, work: Promise<void>): Promise<void> {
    const { group, heartbeatInterval } = this.#options;
    let done = false;
    const end = (): void => {
      done = true;
    };
    const ended = work.then(end, end);
    while (!done) {
      await Promise.race([ended, sleep(heartbeatInterval)]);
      if (done) break;
      const { memberId, generationId: groupGenerationId } = member;
      await this.#beat(broker, { groupId: group, groupGenerationId, memberId }).catch(() => undefined);
    }
  }

  async #takePositions(broker: GroupBroker): Promise<void> {
    const { start, group } = this.#options;
    if (start === undefined || this.#cluster === undefined) return;
    const positions = await startPositions(broker, this.#cluster, group, start);
    // A group that has members already has taken its positions: the broker refuses, rightly.
    if (positions.length > 0) await this.#commitAs('', -1, positions).catch(() => undefined);
  }

  /** Where nobody else can have had the partitions, it is known without asking. */
  async #askPositions(broker: GroupBroker, answer: object): Promise<void> {
    const { group, assignmentOf, taking } = this.#options;
    this.#committed = undefined;
    if (taking !== undefined) {
      this.#committed = await committedPositions(broker, group, assignmentOf(answer));
      return;
    }
    if (this.#isKept) return;
    this.#committed = await committedPositions(broker, group, assignmentOf(answer)).catch(() => undefined);
  }

  async #commitAs(memberId: string, groupGenerationId: number, positions: readonly Position[]): Promise<void> {
    const topics = new Map<string, OffsetTopic>();
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

/** What the group would answer; it has said so before, to whoever asked then. */
class NotAMember extends Error {
  readonly type = 'UNKNOWN_MEMBER_ID';

  constructor() {
    super('not a member of the group any more');
  }
}

/** kafkajs says of any refusal that no coordinator was found; asked directly, a broker says why, such as missing rights. */
async function reasonOf(failure: unknown, cluster: GroupCluster, { groupId }: { groupId: string }): Promise<unknown> {
  if ((failure as Error).name !== 'KafkaJSGroupCoordinatorNotFound') return failure;
  try {
    await (await cluster.findControllerBroker()).findGroupCoordinator({ groupId, coordinatorType: 0 });
  } catch (refusal) {
    if ((refusal as { type?: unknown }).type !== undefined) return refusal;
  }
  return failure;
}
