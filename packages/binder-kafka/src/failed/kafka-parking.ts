import type { MessageHeaders } from '@millrace/core/spi';
import type { FetchedRecord, RecordToSend } from '../kafka-port';
import type { KafkaProvisioner, TopicWish } from '../provisioning/kafka-provisioner';
import type { Origin } from '../wire/kafka-record';
import { parkedRecord, retryTopic } from './kafka-retry-topics';

/** Below this a delay that is not configured is waited for in memory: a topic of its own is not worth it. */
const SHORTEST_PARKED_MS = 1_000;

export interface ParkingOptions {
  readonly binding: string;
  readonly group: string;
  readonly delays: readonly number[];
  readonly settings: Readonly<Record<string, string>>;
  readonly provisioner: KafkaProvisioner;
  /** Called when a topic was made that is not read yet. */
  readonly added: () => void;
}

/** Parks records of one group in topics, so that delays outlive this process and hold nothing up. */
export class KafkaParking {
  readonly #options: ParkingOptions;
  /** Topics in use, with their partitions. */
  readonly #topics = new Map<string, number>();

  constructor(options: ParkingOptions) {
    this.#options = options;
  }

  /** The retry topics to read; makes those of configured delays, and finds those made earlier. */
  async topics(destinations: ReadonlyMap<string, number>): Promise<string[]> {
    const { binding, group, delays, provisioner } = this.#options;
    const wishes = [...destinations].flatMap(([destination, partitions]) =>
      delays.map((delay) => this.#wish(retryTopic(destination, group, delay), partitions)),
    );
    if (wishes.length > 0) this.#remember(await provisioner.ensure(binding, wishes));
    const others = [...destinations.keys()].map((destination) => retryTopic(destination, group, undefined));
    if (others.length > 0) this.#remember(await provisioner.use((admin) => admin.partitionCounts(others)));
    return [...this.#topics.keys()];
  }

  isRetryTopic(topic: string): boolean {
    return this.#topics.has(topic);
  }

  /** What is to be written, and where. `undefined`: the delay is not worth a topic, or none may be made. */
  async place(
    record: FetchedRecord,
    origin: Origin,
    delayMs: number,
    headers: MessageHeaders,
  ): Promise<{ readonly topic: string; readonly record: RecordToSend } | undefined> {
    const { group, delays } = this.#options;
    const isConfigured = delays.includes(delayMs);
    if (!isConfigured && delayMs < SHORTEST_PARKED_MS) return undefined;
    const dueAt = Date.now() + delayMs;
    const topic = retryTopic(origin.topic, group, isConfigured ? delayMs : undefined);
    const partitions = this.#topics.get(topic) ?? (await this.#add(topic, origin));
    if (partitions === undefined) return undefined;
    return { topic, record: parkedRecord(record, origin, headers, { dueAt, partitions }) };
  }

  async #add(topic: string, origin: Origin): Promise<number | undefined> {
    const { binding, provisioner, added } = this.#options;
    if (!provisioner.makesTopics) return undefined;
    const partitions = await provisioner.partitionCount(origin.topic);
    this.#remember(await provisioner.ensure(binding, [this.#wish(topic, partitions)]));
    added();
    return this.#topics.get(topic);
  }

  #wish(topic: string, newPartitions: number | undefined): TopicWish {
    return { topic, partitions: undefined, newPartitions, settings: this.#options.settings };
  }

  #remember(found: ReadonlyMap<string, number>): void {
    for (const [topic, partitions] of found) this.#topics.set(topic, partitions);
  }
}
