/**
 * All that this binder wants of a Kafka client, and no more: whoever provides this can take kafkajs' place, which has
 * had no release since 2023 (trap 20). Offsets are text, because they are 64 bits wide.
 */
export interface KafkaPort {
  /** Those whose codec is there. */
  readonly compressions: ReadonlySet<Compression>;
  admin(): AdminPort;
  routes(): RecordRoutes;
  producer(options: ProducerPortOptions): ProducerPort;
  consumer(options: ConsumerPortOptions): ConsumerPort;
  transactions(options: TransactionPortOptions): TransactionPort;
}

/** Header values as they are on the wire; several where a name stands more than once. `null`: no value. */
export type RawHeaders = Readonly<Record<string, RawHeader | readonly RawHeader[] | undefined>>;
export type RawHeader = Uint8Array | string | null;

/** A record as it was fetched. Its fields may be computed each time they are read, so a copy of it names them. */
export interface FetchedRecord {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: Timestamp;
  readonly headers?: RawHeaders | undefined;
}

/** Milliseconds since 1970; text where they are more than a number holds, as some clients write nanoseconds there. */
export type Timestamp = number | string;

/** A record to be sent. Without a partition the key decides (murmur2, as in Java), without both any. */
export interface RecordToSend {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: HeadersToSend;
  readonly partition?: number | undefined;
  readonly timestamp?: Timestamp | undefined;
}

/** Text becomes UTF-8 when its batch is written: a buffer of its own for each header is dear. Several where a name is to stand more than once. */
export type HeadersToSend = Readonly<Record<string, HeaderToSend | HeaderToSend[]>>;
export type HeaderToSend = Buffer | string;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** `offset` is that of the next record to read. */
export interface Position extends TopicPartition {
  readonly offset: string;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface AdminPort {
  connect(): Promise<void>;
  topics(): Promise<string[]>;
  /** Partitions that have a leader, of the topics that exist; those missing are left out. */
  partitionCounts(topics: readonly string[]): Promise<Map<string, number>>;
  /** Creates what is missing; that brokers know of it may take a moment more. What exists already is no error. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  growTopic(topic: string, partitions: number): Promise<void>;
  /** A setting in force, its default included; `undefined` where it cannot be read. */
  topicSetting(topic: string, name: string): Promise<string | undefined>;
  deleteGroup(group: string): Promise<void>;
  disconnect(): Promise<void>;
}

export type Compression = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface ProducerPortOptions {
  readonly compression: Compression;
  /** Repeats of a request bear its number, so that the broker can drop what it has already. */
  readonly idempotent: boolean;
  /** Milliseconds for which an idempotent producer repeats a request by itself. */
  readonly sendTimeout: number;
  readonly routes: RecordRoutes;
}

/** What producers have heard of the partitions of topics. Outlives them: a new one knows what the last one knew. */
export interface RecordRoutes {
  /** Called by producers with what the brokers said. A leader below 0: there is none just now. */
  learn(topic: string, heard: readonly { readonly partitionId: number; readonly leader: number }[]): void;
  forget(topic: string): void;
  /** The record's own partition, or the one that its key means, or one by turns; `undefined` where nothing was heard yet. */
  partitionOf(topic: string, record: Pick<RecordToSend, 'key' | 'value' | 'partition'>): number | undefined;
  /** Below 0: nobody that is known of. */
  leaderOf(topic: string, partition: number): number;
}

export type Written = (records: readonly RecordToSend[]) => void;

export interface ProducerPort {
  connect(): Promise<void>;
  /**
   * One request for each broker concerned, acks=all. Rejects when any record of it may be missing. `written`: may be told before
   * that which are surely there, so that nobody sends them again.
   */
  send(topic: string, records: readonly RecordToSend[], written?: Written): Promise<void>;
  /** Ends its connections, also half-open ones; the next request makes new ones. */
  dropConnections(): void;
  disconnect(): Promise<void>;
}

export interface TransactionPortOptions {
  readonly transactionalId: string;
  /** Milliseconds after which the broker ends a transaction of somebody who has gone. */
  readonly timeout: number;
}

/**
 * A client that holds a transactional id. One transaction at a time, begun by its first record or its position. After any
 * rejection it is of no more use but to be disconnected: whoever opens the id next ends what was left open.
 */
export interface TransactionPort {
  /** Takes the id: whoever has held it can commit no more. Resolves when what he left open is ended, and its end is known. */
  open(): Promise<void>;
  /** The group's position, as part of the transaction. */
  position(group: string, position: Position): Promise<void>;
  /** Rejects when any of the records may be missing. */
  send(topic: string, records: readonly RecordToSend[], compression: Compression): Promise<void>;
  /** Resolves when it is decided that all of it takes effect; after a rejection nobody knows. */
  commit(): Promise<void>;
  abort(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface ConsumerPortOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Topics whose partitions start elsewhere than at their first record, where the group has no position. */
  readonly start: { readonly topics: readonly string[]; readonly from: 'latest' | number } | undefined;
  /** Static share of the partitions: those with `partition % count === index`. */
  readonly share: { readonly index: number; readonly count: number } | undefined;
  /** `memberIds` of the consumer that has crashed and that this one replaces. */
  readonly formers: readonly string[];
  readonly sessionTimeout: number;
  readonly heartbeatInterval: number;
  readonly rebalanceTimeout: number;
  readonly maxWaitTime: number;
  readonly maxBytes: number;
  readonly maxBytesPerPartition: number;
  readonly readUncommitted: boolean;
  readonly listener: ConsumerListener;
}

/** Records of one partition, in order. */
export interface FetchedBatch extends TopicPartition {
  readonly records: readonly FetchedRecord[];
  /** Where the next fetch goes on; control records and compacted ones make gaps. */
  readonly next: string;
}

export interface ConsumerListener {
  /** Resolves when the next batch of this partition may come. Never rejects. */
  batch(batch: FetchedBatch): Promise<void>;
  /**
   * The group shares its partitions out anew. The rejoin waits for this (heartbeats go on meanwhile), so what runs can finish
   * and be committed. Never rejects.
   */
  revoking(): Promise<void>;
  /**
   * The partitions that this member is given, before anybody reads the group's positions of them; see `assigned` for `kept`.
   * Where it rejects, the client gives up.
   */
  readonly taking?: ((partitions: readonly TopicPartition[], kept: boolean) => Promise<void>) | undefined;
  /**
   * The partitions of this member from now on. `kept`: it has been in the group all the time, so nobody else can have had its
   * former partitions. Otherwise what it knew of them is void, unless the group's position (`committed`, where it has one) is
   * still the one that this member committed last: then nobody has gone on from there. With `taking`, `committed` is always complete.
   */
  assigned(partitions: readonly TopicPartition[], kept: boolean, committed: readonly Position[]): void;
  /** The group has answered that this is one of its members. `askedAt`: when it was asked, by `performance.now()`. */
  answered(askedAt: number): void;
  /** Heartbeats of the member go unanswered; and are answered again. */
  silent(isSilent: boolean): void;
  /** The client has given up; it is of no more use. Called at most once, never after `disconnect`. */
  crashed(error: Error): void;
}

export interface ConsumerPort {
  /** Names by which the group may count it or those it replaces: asked for or given, and not seen to leave. */
  readonly memberIds: readonly string[];
  /** Resolves when the member has its assignment, rejects when it cannot get one. */
  start(): Promise<void>;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Rejects where the member has lost its place in the group meanwhile. */
  commit(positions: readonly Position[]): Promise<void>;
  /** Rejects where the group, asked now, no longer knows this member. */
  confirm(): Promise<void>;
  /** The group's position, where it has one. */
  committed(partition: TopicPartition): Promise<string | undefined>;
  /** Leaves the group. Resolves within the limit, whatever the broker does. */
  disconnect(limitMs: number): Promise<void>;
}
