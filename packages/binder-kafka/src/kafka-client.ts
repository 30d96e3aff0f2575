import type { Logger } from '@millrace/core/spi';
import {
  type Admin,
  type Assigner,
  AssignerProtocol,
  CompressionCodecs,
  CompressionTypes,
  ConfigResourceTypes,
  type Consumer,
  type EachBatchPayload,
  Kafka,
  type KafkaConfig,
  type LogEntry,
  logLevel,
  Partitioners,
  type Producer,
  type RetryOptions,
} from 'kafkajs';
import { finishedWithin } from './finished-within';
import { assignPartitions } from './kafka-assignment';
import { loadCodec, packagedCompressions } from './kafka-compression';
import { type GroupCluster, KafkaMembership } from './kafka-membership';
import type {
  AdminPort,
  Compression,
  ConsumerPort,
  ConsumerPortOptions,
  KafkaPort,
  NewTopic,
  Position,
  ProducerPort,
  ProducerPortOptions,
  RecordToSend,
  TopicPartition,
} from './kafka-port';
import { KafkaPulse } from './kafka-pulse';
import { KafkaSockets } from './kafka-sockets';

/** What the client needs of the binder's options. */
export interface ClientOptions {
  readonly brokers: string[];
  readonly clientId: string;
  readonly ssl: KafkaConfig['ssl'];
  readonly sasl: KafkaConfig['sasl'];
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly retry: { readonly initial: number; readonly max: number; readonly retries: number };
  readonly metadataMaxAge: number;
}

const compressionTypes: Readonly<Record<Compression, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** Fetches that a consumer takes at once (trap 6); each only hands its records over, so this is cheap. */
const PARTITIONS_AT_ONCE = 64;
/** A consumer gives up soon: the binder makes a new one, and the health knows meanwhile. */
const CONSUMER_RETRIES = 4;
const CLOSE_LIMIT_MS = 3_000;

/**
 * The port over kafkajs 2.2.4: the only file that knows it. Under Node.js 24 it prints a TimeoutNegativeWarning on connecting,
 * which is harmless (trap 18).
 */
export function kafkajsPort(options: ClientOptions, logger: Logger): KafkaPort {
  registerCodecs();
  // Each client of its own: kafkajs shares committed offsets by group among the consumers of one instance.
  const client = (sockets: KafkaSockets): Kafka => new Kafka(configOf(options, logger, sockets));
  return {
    admin: () => new KafkajsAdmin(client),
    producer: (wanted) => new KafkajsProducer(client, options, wanted),
    consumer: (wanted) => new KafkajsConsumer(client, options, wanted),
  };
}

function configOf(options: ClientOptions, logger: Logger, sockets: KafkaSockets): KafkaConfig {
  const { brokers, clientId, ssl, sasl, connectionTimeout, requestTimeout } = options;
  return {
    brokers,
    clientId,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    connectionTimeout,
    authenticationTimeout: requestTimeout,
    requestTimeout,
    retry: retryOf(options, options.retry.retries),
    socketFactory: sockets.open,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log(logger, entry),
  };
}

/** Always passed in full: kafkajs has other defaults under NODE_ENV=test (trap 17). */
function retryOf({ retry }: ClientOptions, retries: number): RetryOptions {
  return {
    initialRetryTime: retry.initial,
    maxRetryTime: retry.max,
    retries,
    factor: 0.2,
    multiplier: 2,
    // A consumer that has failed is rebuilt by the binder, which reports it; kafkajs must not do so behind its back (traps 1-3).
    restartOnFailure: async () => false,
  };
}

/** Names of parts and the sentence only: other fields of a client's log may hold requests, and those credentials. */
function log(logger: Logger, { namespace, level, log: entry }: LogEntry): void {
  const facts = { client: 'kafkajs', part: namespace, broker: entry.broker, group: entry.groupId, error: entry.error };
  if (level === logLevel.ERROR) logger.warn(facts, entry.message);
  else logger.debug(facts, entry.message);
}

/** The map is the client's and global (trap 4); a codec that is there already stays. */
function registerCodecs(): void {
  for (const compression of packagedCompressions) {
    const codec = loadCodec(compression, require);
    if (codec !== undefined)
      (CompressionCodecs as Record<CompressionTypes, unknown>)[compressionTypes[compression]] = codec;
  }
}

class KafkajsAdmin implements AdminPort {
  readonly #sockets = new KafkaSockets();
  readonly #admin: Admin;

  constructor(client: (sockets: KafkaSockets) => Kafka) {
    this.#admin = client(this.#sockets).admin();
  }

  connect(): Promise<void> {
    return this.#admin.connect();
  }

  topics(): Promise<string[]> {
    return this.#admin.listTopics();
  }

  async partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    const found = await Promise.all(topics.map((topic) => this.#partitionCount(topic)));
    return new Map(topics.flatMap((topic, index) => (found[index] === undefined ? [] : [[topic, found[index]]])));
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    await this.#admin.createTopics({
      topics: topics.map(({ topic, partitions, replicationFactor, settings }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
      })),
      waitForLeaders: true,
      timeout: 10_000,
    });
  }

  async growTopic(topic: string, partitions: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count: partitions }], timeout: 10_000 });
  }

  async topicSetting(topic: string, name: string): Promise<string | undefined> {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }];
    const described = await this.#admin.describeConfigs({ resources, includeSynonyms: false });
    return described.resources[0]?.configEntries.find((entry) => entry.configName === name)?.configValue ?? undefined;
  }

  async deleteGroup(group: string): Promise<void> {
    await this.#admin.deleteGroups([group]);
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#admin.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
  }

  async #partitionCount(topic: string): Promise<number | undefined> {
    try {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.length;
    } catch (error) {
      if ((error as { type?: unknown }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
      throw error;
    }
  }
}

class KafkajsProducer implements ProducerPort {
  readonly #sockets = new KafkaSockets();
  readonly #producer: Producer;
  readonly #timeout: number;
  readonly #compression: CompressionTypes;

  constructor(client: (sockets: KafkaSockets) => Kafka, options: ClientOptions, wanted: ProducerPortOptions) {
    this.#timeout = options.requestTimeout;
    this.#compression = compressionTypes[wanted.compression];
    this.#producer = client(this.#sockets).producer({
      // Named, or kafkajs warns of its change of default (trap 19); the same murmur2 as Java's.
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      idempotent: wanted.idempotent,
      metadataMaxAge: options.metadataMaxAge,
      retry: retryOf(options, options.retry.retries),
    });
  }

  connect(): Promise<void> {
    return this.#producer.connect();
  }

  async send(topic: string, records: readonly RecordToSend[]): Promise<void> {
    const messages = records.map(({ key, value, headers, partition, timestamp }) => ({
      key,
      value,
      headers,
      ...(partition !== undefined && { partition }),
      ...(timestamp !== undefined && { timestamp }),
    }));
    const written = await this.#producer.send({
      topic,
      messages,
      acks: -1,
      timeout: this.#timeout,
      compression: this.#compression,
    });
    // kafkajs leaves out, without a word, what goes to a partition its metadata does not have.
    const partitions = new Set(written.map((each) => each.partition));
    const lost = records.find(({ partition }) => partition !== undefined && !partitions.has(partition));
    if (lost !== undefined)
      throw Object.assign(new Error(`no partition ${lost.partition}`), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  }

  async disconnect(): Promise<void> {
    await finishedWithin(this.#producer.disconnect(), CLOSE_LIMIT_MS);
    this.#sockets.destroy();
  }
}

class KafkajsConsumer implements ConsumerPort {
  readonly #sockets = new KafkaSockets();
  readonly #wanted: ConsumerPortOptions;
  readonly #membership: KafkaMembership;
  readonly #consumer: Consumer;
  readonly #pulse: KafkaPulse;
  #owned = new Set<string>();
  #isEnding = false;

  constructor(client: (sockets: KafkaSockets) => Kafka, options: ClientOptions, wanted: ConsumerPortOptions) {
    const { group, listener, start, former, heartbeatInterval } = wanted;
    this.#wanted = wanted;
    this.#pulse = new KafkaPulse(heartbeatInterval, (isSilent) => listener.silent(isSilent));
    const revoking = (): Promise<void> => {
      this.#pulse.rest();
      return listener.revoking();
    };
    this.#membership = new KafkaMembership({ group, start, former, heartbeatInterval, revoking });
    this.#consumer = client(this.#sockets).consumer({
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

  get memberId(): string | undefined {
    return this.#membership.memberId;
  }

  async start(): Promise<void> {
    const { topics, listener } = this.#wanted;
    let isJoined = false;
    const joined = new Promise<void>((resolve, reject) => {
      this.#consumer.on('consumer.group_join', ({ payload }) => {
        const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, ids]) =>
          ids.map((partition) => ({ topic, partition })),
        );
        this.#owned = new Set(partitions.map(nameOf));
        this.#pulse.beat();
        listener.assigned(partitions, this.#membership.assigned());
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
    const { topic, partition, messages } = batch;
    if (!isRunning() || this.#isEnding || !this.#owned.has(nameOf(batch))) return;
    // The last offset of the batch and not of its messages: control records count too (trap 9).
    const last = batch.lastOffset();
    resolveOffset(last);
    await this.#wanted.listener.batch({ topic, partition, records: messages, next: String(BigInt(last) + 1n) });
  }

  /** kafkajs throws where it does not run just now (trap 10); the binder says it again after each assignment. */
  #steer(change: () => void): void {
    try {
      change();
    } catch {
      // Not running: nothing is fetched either.
    }
  }

  #assigner(cluster: GroupCluster): Assigner {
    this.#membership.watch(cluster);
    const { share } = this.#wanted;
    const userData = Buffer.from(share === undefined ? '' : JSON.stringify({ millraceShare: share }));
    return {
      name: 'range',
      version: 0,
      protocol: ({ topics }) => ({
        name: 'range',
        metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData }),
      }),
      assign: async ({ members }) => {
        const known = members.map(({ memberId, memberMetadata }) => {
          const metadata = AssignerProtocol.MemberMetadata.decode(memberMetadata);
          return { memberId, topics: metadata?.topics ?? [], share: shareOf(metadata?.userData) };
        });
        // Members may read topics that this one, the leader, does not. One that is gone meanwhile has no partitions.
        for (const topic of new Set(known.flatMap((member) => member.topics)))
          await cluster.addMultipleTargetTopics([topic]).catch(() => undefined);
        const assignments = assignPartitions(known, (topic) =>
          cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
        );
        return [...assignments].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 0, assignment, userData: Buffer.of() }),
        }));
      },
    };
  }
}

function shareOf(userData: Buffer | undefined): { index: number; count: number } | undefined {
  try {
    return JSON.parse(String(userData ?? '')).millraceShare;
  } catch {
    return undefined;
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}\u0000${partition}`;
}
