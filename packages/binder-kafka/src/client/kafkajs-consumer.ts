import { finishedWithin } from '@millrace/core/spi';
import type { Assigner, Batch, Consumer, EachBatchPayload } from 'kafkajs';
import type { ConsumerPort, ConsumerPortOptions, Position, TopicPartition } from '../kafka-port';
import { type Assignment, partitionsOf } from './kafka-assignment';
import { type GroupCluster, KafkaMembership } from './kafka-membership';
import { KafkaPulse } from './kafka-pulse';
import { KafkaSockets } from './kafka-sockets';
import { assignmentOf, rangeAssigner } from './kafkajs-assigner';
import { type ClientOptions, type NewClient, retryOf } from './kafkajs-settings';
import { type HandedBatch, readFetchesWhole, recordsOf } from './whole-fetches';

/** Fetches that a consumer takes at once (trap 6); each only hands its records over, so this is cheap. */
const PARTITIONS_AT_ONCE = 64;
/** A consumer gives up soon: the binder makes a new one, and the health knows meanwhile. */
const CONSUMER_RETRIES = 4;

export class KafkajsConsumer implements ConsumerPort {
  readonly #sockets = new KafkaSockets();
  readonly #wanted: ConsumerPortOptions;
  readonly #membership: KafkaMembership;
  readonly #consumer: Consumer;
  readonly #pulse: KafkaPulse;
  #assignment: Assignment = {};
  #isEnding = false;

  constructor(client: NewClient, options: ClientOptions, wanted: ConsumerPortOptions) {
    const { group, listener, start, formers, heartbeatInterval } = wanted;
    this.#wanted = wanted;
    this.#pulse = new KafkaPulse(heartbeatInterval, (isSilent) => listener.silent(isSilent));
    const revoking = async (): Promise<void> => {
      this.#pulse.rest();
      // One that has been given up has a say in nothing any more.
      if (!this.#isEnding) await listener.revoking();
    };
    const { taking } = listener;
    this.#membership = new KafkaMembership({
      ...{ group, start, formers, heartbeatInterval, revoking, taking, assignmentOf },
      answered: (askedAt) => listener.answered(askedAt),
    });
    this.#consumer = readFetchesWhole(client(this.#sockets)).consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      metadataMaxAge: options.metadataMaxAge,
      sessionTimeout: wanted.sessionTimeout,
      heartbeatInterval,
      rebalanceTimeout: wanted.rebalanceTimeout,
      maxWaitTimeInMs: wanted.maxWaitTime,
      maxBytes: wanted.maxBytes,
      maxBytesPerPartition: wanted.maxBytesPerPartition,
      readUncommitted: wanted.readUncommitted,
      retry: retryOf(options, CONSUMER_RETRIES),
      partitionAssigners: [({ cluster }) => this.#assigner(cluster as unknown as GroupCluster)],
    });
  }

  get memberIds(): readonly string[] {
    return this.#membership.memberIds;
  }

  async start(): Promise<void> {
    const { topics, listener } = this.#wanted;
    let isJoined = false;
    const joined = new Promise<void>((resolve, reject) => {
      this.#consumer.on('consumer.group_join', ({ payload }) => {
        const partitions = partitionsOf(payload.memberAssignment);
        this.#assignment = payload.memberAssignment;
        this.#pulse.beat();
        const { kept, committed } = this.#membership.assigned();
        listener.assigned(partitions, kept, committed);
        isJoined = true;
        resolve();
      });
      this.#consumer.on('consumer.crash', ({ payload: { error } }) => {
        reject(error);
        this.#pulse.rest();
        if (isJoined && !this.#isEnding) listener.crashed(error);
      });
    });
    this.#consumer.on('consumer.heartbeat', () => this.#pulse.beat());
    joined.catch(() => undefined);
    await this.#consumer.connect();
    // From the beginning wherever there is no position; other starts are committed before the first join.
    await this.#consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#take(payload),
    });
    await joined;
  }

  pause({ topic, partition }: TopicPartition): void {
    this.#steer(() => this.#consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume({ topic, partition }: TopicPartition): void {
    this.#steer(() => this.#consumer.resume([{ topic, partitions: [partition] }]));
  }

  commit(positions: readonly Position[]): Promise<void> {
    return this.#membership.commit(positions);
  }

  confirm(): Promise<void> {
    return this.#membership.confirm();
  }

  async committed({ topic, partition }: TopicPartition): Promise<string | undefined> {
    return (await this.#membership.positions({ [topic]: [partition] }))[0]?.offset;
  }

  async disconnect(limitMs: number): Promise<void> {
    this.#isEnding = true;
    this.#pulse.rest();
    await finishedWithin(this.#consumer.disconnect(), limitMs);
    this.#sockets.destroy();
  }

  /**
   * eachBatch and not eachMessage, which is a loop over it (trap 8). Handed over is resolved for the client: it fetches on. What
   * is finished is the binder's to know and to commit (trap 7).
   */
  async #take({ batch, resolveOffset, isRunning }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    if (!isRunning() || this.#isEnding || !this.#assignment[topic]?.includes(partition)) return;
    const { rawMessages } = batch as { rawMessages?: object };
    if (!this.#membership.isCurrent(rawMessages)) return;
    // The last offset of the batch and not of its messages: control records count too (trap 9).
    const last = batch.lastOffset();
    resolveOffset(last);
    const records = recordsOf(batch as Batch & HandedBatch);
    await this.#wanted.listener.batch({ topic, partition, records, next: String(BigInt(last) + 1n) });
  }

  /** The only place where kafkajs hands its cluster out. */
  #assigner(cluster: GroupCluster): Assigner {
    this.#membership.watch(cluster);
    const { share } = this.#wanted;
    return rangeAssigner(cluster, () => ({ share, owned: this.#assignment, generation: this.#membership.generation }));
  }

  /** kafkajs throws where it does not run just now (trap 10); the binder says it again after each assignment. */
  #steer(change: () => void): void {
    try {
      change();
    } catch {
      // Not running: nothing is fetched either.
    }
  }
}
