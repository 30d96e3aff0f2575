import { randomUUID } from 'node:crypto';
import {
  type ConsumerRequest,
  type DeadLetter,
  finishedWithin,
  type InboundRecord,
  isPattern,
  type Logger,
} from '@millrace/core/spi';
import { KafkaDeadLetters } from '../failed/kafka-dead-letters';
import { KafkaParking } from '../failed/kafka-parking';
import { dueAtOf, originOf, unparked } from '../failed/kafka-retry-topics';
import type { KafkaConsumerOptions, KafkaOptions } from '../kafka-options';
import type { ConsumerListener, ConsumerPort, KafkaPort, Position, TopicPartition } from '../kafka-port';
import type { KafkaTroubles } from '../kafka-troubles';
import type { KafkaWriter } from '../producing/kafka-writer';
import type { KafkaProvisioner } from '../provisioning/kafka-provisioner';
import { topicPattern } from '../provisioning/topic-pattern';
import type { KafkaOutputs, Output } from '../transactions/kafka-outputs';
import { KafkaTogether } from '../transactions/kafka-together';
import { HeaderReader } from '../wire/kafka-headers';
import { KafkaDelivery, type Origin } from '../wire/kafka-record';
import { KafkaCommits } from './kafka-commits';
import { KafkaDeliveries } from './kafka-deliveries';
import { KafkaIntake } from './kafka-intake';
import { KafkaLease } from './kafka-lease';
import { KafkaSubscription } from './kafka-subscription';
import { KafkaWindow, type WindowEntry } from './kafka-window';

export interface KafkaConsumerParts {
  readonly request: ConsumerRequest;
  readonly troubles: KafkaTroubles;
  readonly options: KafkaOptions;
  readonly native: KafkaConsumerOptions;
  readonly port: KafkaPort;
  readonly provisioner: KafkaProvisioner;
  /** For dead letters and parked records; connected when first needed. */
  readonly writer: KafkaWriter;
  /** Of all bindings of the binder. */
  readonly outputs: KafkaOutputs;
  readonly logger: Logger;
}

/** Beside the drain: what a rejoin may take before the broker goes on without this member. */
const REJOIN_MARGIN_MS = 30_000;

/** One consumer binding: puts together what reads, hands over, commits, parks and writes dead letters. */
export class KafkaConsumer {
  readonly #parts: KafkaConsumerParts;
  readonly #group: string;
  readonly #headers: HeaderReader;
  /** Retry topics are Millrace's own. */
  readonly #parkedHeaders = new HeaderReader('spring');
  readonly #reportSilence: (trouble: Error | undefined) => void;
  readonly #lease: KafkaLease;
  readonly #deliveries: KafkaDeliveries<Output>;
  readonly #intake: KafkaIntake;
  readonly #commits: KafkaCommits;
  readonly #subscription: KafkaSubscription;
  readonly #parking: KafkaParking | undefined;
  readonly #deadLetters: KafkaDeadLetters | undefined;
  readonly #together: KafkaTogether | undefined;
  /** Topics that were there at the start: only in these a new group may start elsewhere than at the first record. */
  #firstTopics: readonly string[] | undefined;
  #patternTimer: NodeJS.Timeout | undefined;
  #isPaused = false;
  /** Without partitions of its own, or about to lose them. */
  #isAway = true;
  #assignments = 0;
  #isClosed = false;

  constructor(parts: KafkaConsumerParts) {
    const { request, troubles, options, native, provisioner, writer, logger } = parts;
    const { binding, group } = request;
    this.#parts = parts;
    this.#reportSilence = troubles.reporter();
    this.#group = group ?? `anonymous.${randomUUID()}`;
    const mode = native.headerMode ?? options.headerMode;
    this.#headers = new HeaderReader(mode);
    this.#together = request.exactlyOnce === true ? this.#newTogether() : undefined;
    this.#lease = new KafkaLease(native.sessionTimeout, () => this.#deliveries.pump());
    this.#deliveries = new KafkaDeliveries({
      lease: this.#lease,
      together: this.#together,
      request: { ...request, report: troubles.reporter() },
      recordOf: (window, entry) => this.#recordOf(window, entry),
      park: (window, entry, delayMs, { headers }) => this.#park(window, entry, delayMs, headers),
      finished: () => this.#commits.finished(),
      moved: (window) => this.#intake.moved(window),
    });
    this.#intake = new KafkaIntake({
      deliveries: this.#deliveries,
      newWindow: (partition) => this.#newWindow(partition),
      pause: (partition) => this.#subscription.pause(partition),
      resume: (partition) => this.#subscription.resume(partition),
    });
    this.#commits = new KafkaCommits({
      binding,
      interval: native.commitInterval,
      count: native.commitCount,
      windows: () => (this.#together === undefined ? this.#deliveries.windows : []),
      commit: (positions) => this.#subscription.commit(positions),
      logger,
    });
    this.#subscription = new KafkaSubscription({
      binding,
      topics: () => this.#topics(),
      open: (topics, crashed, formers) => this.#open(topics, crashed, formers),
      letGo: () => this.#revoking(),
      lost: () => this.#lost(),
      report: troubles.reporter(),
      startTimeout: options.startTimeout,
      logger,
    });
    const { settings, shared } = { settings: native.topic, shared: { binding, provisioner } };
    // A broadcast consumer keeps nothing: its delays are waited for in memory, and it has no dead letters.
    if (group === undefined) return;
    this.#parking = new KafkaParking({
      ...shared,
      group,
      delays: request.delays,
      settings,
      added: () => void this.#subscription.refresh(),
    });
    if (request.deadLetter === undefined) return;
    this.#deadLetters = new KafkaDeadLetters({
      ...shared,
      group,
      settings,
      target: request.deadLetter,
      mode,
      partitions: native.deadLetterPartitions,
      send: (letter, topic, record) => this.#together?.deadLetter(letter, topic, record) ?? writer.send(topic, record),
    });
  }

  get deadLetter(): ((letter: DeadLetter) => Promise<void>) | undefined {
    const deadLetters = this.#deadLetters;
    return deadLetters && ((letter) => deadLetters.write(letter));
  }

  /** Resolves when the member has its partitions and their positions. */
  async start(): Promise<void> {
    try {
      await this.#subscription.start();
    } catch (error) {
      this.#commits.end();
      throw error;
    }
    if (this.#parts.request.destinations.some(isPattern)) this.#lookForTopics();
  }

  /** Makes the topics that are missing, where it may: those it reads, and those it writes dead and parked records to. */
  async provision(): Promise<void> {
    await this.#topics();
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    this.#deliveries.hold();
  }

  async resume(): Promise<void> {
    this.#isPaused = false;
    if (!this.#isAway) this.#deliveries.go();
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#deliveries.idle();
    await this.#together?.quiet();
    await this.#leave();
  }

  /** Goes without waiting for core: what is open is given back. */
  async abandon(): Promise<void> {
    this.#stop();
    this.#deliveries.own([]);
    await this.#leave();
  }

  #stop(): void {
    this.#isClosed = true;
    clearTimeout(this.#patternTimer);
    this.#deliveries.end();
    this.#intake.release();
  }

  async #leave(): Promise<void> {
    const { request, provisioner, writer } = this.#parts;
    await this.#commits.now();
    this.#commits.end();
    await this.#together?.end();
    await Promise.all([this.#subscription.end(), writer.close()]);
    this.#commits.end();
    if (request.group === undefined)
      await provisioner.use((admin) => admin.deleteGroup(this.#group)).catch(() => undefined);
  }

  #open(topics: readonly string[], crashed: (error: Error) => void, formers: readonly string[]): ConsumerPort {
    const { native, request, port } = this.#parts;
    this.#firstTopics ??= topics;
    // The silence of a former client is over.
    this.#reportSilence(undefined);
    const from = request.group === undefined ? 'latest' : startOf(native.startFrom);
    const listener: ConsumerListener = {
      batch: (batch) => this.#intake.take(batch),
      revoking: () => this.#revoking(),
      taking: this.#together && ((partitions, kept) => this.#take(partitions, kept)),
      assigned: (partitions, kept, committed) => this.#assigned(partitions, kept, committed),
      answered: (askedAt) => this.#lease.renew(askedAt),
      silent: (isSilent) => this.#silent(isSilent),
      crashed,
    };
    return port.consumer({
      group: this.#group,
      topics,
      start: from === undefined ? undefined : { topics: this.#firstTopics, from },
      formers,
      share: request.group === undefined ? undefined : request.instance,
      sessionTimeout: native.sessionTimeout,
      heartbeatInterval: native.heartbeatInterval,
      rebalanceTimeout: native.rebalanceDrain + REJOIN_MARGIN_MS,
      maxWaitTime: native.maxWaitTime,
      maxBytes: native.maxBytes,
      maxBytesPerPartition: native.maxBytesPerPartition,
      readUncommitted: native.isolation === 'readUncommitted',
      listener,
    });
  }

  /** Lets what runs finish within the limit, and commits it, so that whoever gets the partitions starts behind it. */
  async #revoking(): Promise<void> {
    const assignments = this.#assignments;
    this.#isAway = true;
    this.#deliveries.hold();
    this.#intake.release();
    const drained = this.#deliveries.idle().then(() => this.#together?.quiet());
    await finishedWithin(drained, this.#parts.native.rebalanceDrain);
    // Its client was given up meanwhile: what there is now was given to the next one.
    if (this.#assignments !== assignments) return;
    this.#deliveries.recall();
    await this.#commits.now();
  }

  #lost(): void {
    this.#isAway = true;
    this.#deliveries.recall();
  }

  async #take(partitions: readonly TopicPartition[], kept: boolean): Promise<void> {
    await this.#together?.take(partitions, kept);
  }

  #assigned(partitions: readonly TopicPartition[], kept: boolean, committed: readonly Position[]): void {
    this.#intake.assign(partitions, kept, committed);
    this.#together?.assigned(this.#deliveries.windows, committed);
    this.#assignments += 1;
    this.#isAway = false;
    if (!this.#isPaused && !this.#isClosed) this.#deliveries.go();
  }

  /** The topics wanted by now, provisioned: destinations, those that patterns mean, and retry topics. */
  async #topics(): Promise<readonly string[]> {
    const { request, provisioner, native } = this.#parts;
    const { binding } = request;
    const named = request.destinations.filter((name) => !isPattern(name));
    const patterns = request.destinations.filter(isPattern).map(topicPattern);
    const found =
      patterns.length === 0 ? [] : (await provisioner.topics()).filter((name) => patterns.some((is) => is(name)));
    const wishes = named.map((topic) => ({ topic, partitions: undefined, settings: native.topic }));
    const counts = await provisioner.ensure(binding, [
      ...wishes,
      ...found.map((topic) => ({ topic, partitions: undefined, settings: {} })),
    ]);
    await this.#deadLetters?.provision(counts);
    return [...new Set([...counts.keys(), ...((await this.#parking?.topics(counts)) ?? [])])];
  }

  #silent(isSilent: boolean): void {
    const { binding } = this.#parts.request;
    this.#reportSilence(isSilent ? new Error(`${binding}: the broker does not answer; trying on`) : undefined);
  }

  /** kafkajs expands a pattern once and takes no topic while it runs (trap 11): topics are looked for, and the client is made anew. */
  #lookForTopics(): void {
    if (this.#isClosed) return;
    this.#patternTimer = setTimeout(() => {
      this.#subscription
        .refresh()
        .catch((error: unknown) => {
          const { request, logger } = this.#parts;
          logger.warn({ binding: request.binding, err: error }, 'new topics could not be looked for');
        })
        .finally(() => this.#lookForTopics());
    }, this.#parts.options.patternInterval);
  }

  #newWindow(partition: TopicPartition): KafkaWindow {
    const isParked = this.#parking?.isRetryTopic(partition.topic) ?? false;
    const { maxUncommitted } = this.#parts.native;
    return new KafkaWindow(partition, this.#lease, maxUncommitted, isParked ? dueAtOf : undefined);
  }

  #recordOf(window: KafkaWindow, entry: WindowEntry): InboundRecord {
    const isParked = this.#parking?.isRetryTopic(window.topic) ?? false;
    const raw = isParked ? unparked(entry.record) : entry.record;
    const reader = isParked ? this.#parkedHeaders : this.#headers;
    const delivery = new KafkaDelivery(raw, this.#originOf(window, entry), reader, window.tenure, entry.headers);
    this.#together?.handedOver(window, entry, delivery);
    return delivery;
  }

  #originOf(window: KafkaWindow, { record }: WindowEntry): Origin {
    const { topic, partition } = window;
    if (this.#parking?.isRetryTopic(topic)) return originOf(record, topic, partition);
    return { topic, partition, position: record.offset, timestamp: record.timestamp };
  }

  async #park(
    window: KafkaWindow,
    entry: WindowEntry,
    delayMs: number,
    headers: InboundRecord['headers'] | undefined,
  ): Promise<boolean> {
    const placed = await this.#place(window, entry, delayMs, headers);
    if (placed !== undefined) await this.#parts.writer.send(placed.topic, placed.record);
    return placed !== undefined;
  }

  async #place(
    window: KafkaWindow,
    entry: WindowEntry,
    delayMs: number,
    headers: InboundRecord['headers'] | undefined,
  ) {
    const kept = headers ?? this.#recordOf(window, entry).headers;
    return this.#parking?.place(entry.record, this.#originOf(window, entry), delayMs, kept);
  }

  #newTogether(): KafkaTogether {
    return new KafkaTogether({
      ...this.#parts,
      group: this.#group,
      subscription: () => this.#subscription,
      isAway: () => this.#isAway,
      place: (window, entry, delayMs, headers) => this.#place(window, entry, delayMs, headers),
      provision: () => this.provision(),
    });
  }
}

function startOf(startFrom: KafkaConsumerOptions['startFrom']): 'latest' | number | undefined {
  if (startFrom === 'earliest') return undefined;
  return startFrom === 'latest' ? 'latest' : new Date(startFrom.timestamp).getTime();
}
