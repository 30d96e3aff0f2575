import { MillraceError } from '@millrace/core/spi';
import { bindFailed, isPassing } from '../kafka-errors';
import type { KafkaOptions } from '../kafka-options';
import type { AdminPort } from '../kafka-port';

/** A topic a binding needs. */
export interface TopicWish {
  readonly topic: string;
  /** Partitions it must have; `undefined`: as it is, or the default where it is made. */
  readonly partitions: number | undefined;
  /** Partitions of a new one, where `partitions` says nothing. */
  readonly newPartitions?: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

const legalName = /^[a-zA-Z0-9._-]{1,249}$/;
const LEADER_WAIT_MS = 10_000;
const GROWTH_WAIT_MS = 1_000;
const PAUSE_MS = 50;

/** Makes and checks topics, as `provision` says. One connection for all bindings, opened when needed. */
export class KafkaProvisioner {
  readonly #options: KafkaOptions;
  readonly #newAdmin: () => AdminPort;
  readonly #limits = new Map<string, number>();
  #admin: Promise<AdminPort> | undefined;

  constructor(options: KafkaOptions, newAdmin: () => AdminPort) {
    this.#options = options;
    this.#newAdmin = newAdmin;
  }

  get makesTopics(): boolean {
    return this.#options.provision === 'auto';
  }

  /** Resolves with the partitions of each topic, when all are there and have leaders. */
  async ensure(binding: string, wishes: readonly TopicWish[]): Promise<Map<string, number>> {
    for (const { topic } of wishes) checkTopicName(topic, binding);
    const names = [...new Set(wishes.map(({ topic }) => topic))];
    try {
      const found = await this.use((admin) => admin.partitionCounts(names));
      const unmet = wishes.filter((wish) => (found.get(wish.topic) ?? 0) < (wish.partitions ?? 1));
      if (unmet.length === 0) return found;
      const wanted = this.#wanted(unmet);
      for (const { topic, partitions } of wanted) {
        const count = found.get(topic);
        if (!this.makesTopics && count === undefined) throw missing(binding, topic, this.#options.provision);
        if (
          count !== undefined &&
          !(this.makesTopics && this.#options.growPartitions) &&
          this.#options.provision !== 'none'
        )
          throw tooFew(binding, topic, count, partitions);
      }
      if (!this.makesTopics) return found;
      await this.#make(wanted, found);
      const counts = await this.#leaders(names, wanted);
      for (const { topic, partitions = 0 } of wishes) {
        const count = counts.get(topic) ?? 0;
        if (count < partitions) throw tooFew(binding, topic, count, partitions);
      }
      return counts;
    } catch (cause) {
      throw bindFailed(`${binding}: topics ${names.join(', ')}`, cause);
    }
  }

  /** Those that exist; broker-internal ones are left out. */
  async topics(): Promise<string[]> {
    const all = await this.use((admin) => admin.topics());
    return all.filter((name) => !name.startsWith('__'));
  }

  async partitionCount(topic: string): Promise<number | undefined> {
    return (await this.use((admin) => admin.partitionCounts([topic]))).get(topic);
  }

  /** The largest request of one partition that the topic takes, read once; see {@link limitOf}. */
  async learnLimit(topic: string): Promise<void> {
    const text = await this.use((admin) => admin.topicSetting(topic, 'max.message.bytes')).catch(() => undefined);
    const limit = Number(text);
    if (Number.isInteger(limit) && limit > 0) this.#limits.set(topic, limit);
  }

  limitOf(topic: string): number | undefined {
    return this.#limits.get(topic);
  }

  /** Waits for a broker that is away, or a leader that is being chosen, as long as `startTimeout` allows. */
  async use<T>(work: (admin: AdminPort) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#options.startTimeout;
    for (let tries = 0; ; tries += 1) {
      try {
        return await work(await this.#connected());
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.close();
        if (tries > 0 && Date.now() >= deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** Math.min(tries, 4)));
      }
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }

  /** One entry for each topic, with the partitions it shall have. */
  #wanted(wishes: readonly TopicWish[]): { topic: string; partitions: number; settings: Record<string, string> }[] {
    const wanted = new Map<string, { topic: string; partitions: number; settings: Record<string, string> }>();
    for (const { topic, partitions, newPartitions, settings } of wishes) {
      const former = wanted.get(topic);
      const count = partitions ?? newPartitions ?? this.#options.defaultPartitions;
      wanted.set(topic, {
        topic,
        partitions: Math.max(former?.partitions ?? 0, count),
        settings: { ...former?.settings, ...settings },
      });
    }
    return [...wanted.values()];
  }

  async #make(
    wanted: readonly { topic: string; partitions: number; settings: Record<string, string> }[],
    found: ReadonlyMap<string, number>,
  ): Promise<void> {
    const { replicationFactor } = this.#options;
    const missingOnes = wanted.filter(({ topic }) => !found.has(topic));
    if (missingOnes.length > 0)
      await this.use((admin) => admin.createTopics(missingOnes.map((each) => ({ ...each, replicationFactor }))));
    for (const { topic, partitions } of wanted) {
      const count = found.get(topic);
      if (count !== undefined && count < partitions) await this.use((admin) => admin.growTopic(topic, partitions));
    }
  }

  /** Waits a moment also for partitions that were added; a topic that another made at the same time may have fewer. */
  async #leaders(
    names: readonly string[],
    wanted: readonly { topic: string; partitions: number }[],
  ): Promise<Map<string, number>> {
    const soon = Date.now() + GROWTH_WAIT_MS;
    const deadline = Date.now() + LEADER_WAIT_MS;
    for (;;) {
      const counts = await this.use((admin) => admin.partitionCounts(names));
      if (wanted.every(({ topic, partitions }) => (counts.get(topic) ?? 0) >= partitions)) return counts;
      if (Date.now() >= soon && wanted.every(({ topic }) => counts.has(topic))) return counts;
      if (Date.now() >= deadline) throw new Error('the new topics still have no leaders');
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #connected(): Promise<AdminPort> {
    if (this.#admin !== undefined) return this.#admin;
    const connecting = connect(this.#newAdmin());
    this.#admin = connecting;
    connecting.catch(() => {
      if (this.#admin === connecting) this.#admin = undefined;
    });
    return connecting;
  }
}

/** @throws MillraceError CONFIGURATION_INVALID */
export function checkTopicName(topic: string, binding: string): void {
  if (legalName.test(topic) && topic !== '.' && topic !== '..') return;
  throw new MillraceError(
    'CONFIGURATION_INVALID',
    `${binding}: '${topic}' cannot be a Kafka topic; use letters, digits, '.', '_' and '-', at most 249`,
  );
}

function missing(binding: string, topic: string, provision: string): MillraceError {
  return new MillraceError(
    'BINDER_FAILED',
    `${binding}: topic ${topic} does not exist, and 'provision: ${provision}' makes none; create it, or set 'provision: auto'`,
    { retryable: false },
  );
}

function tooFew(binding: string, topic: string, count: number, wanted: number): MillraceError {
  return new MillraceError(
    'BINDER_FAILED',
    `${binding}: topic ${topic} has ${count} partitions, and ${wanted} are wanted; grow it, or set 'growPartitions: true', or lower partitionCount`,
    { retryable: false },
  );
}

async function connect(admin: AdminPort): Promise<AdminPort> {
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    await admin.disconnect();
    throw error;
  }
}
