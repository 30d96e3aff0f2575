import { finishedWithin } from '@millrace/core/spi';
import { type Admin, ConfigResourceTypes } from 'kafkajs';
import type { AdminPort, NewTopic } from '../kafka-port';
import { KafkaSockets } from './kafka-sockets';
import { CLOSE_LIMIT_MS, type NewClient } from './kafkajs-settings';

export class KafkajsAdmin implements AdminPort {
  readonly #sockets = new KafkaSockets();
  readonly #admin: Admin;

  constructor(client: NewClient) {
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
      // The caller waits, and longer: a broker that has not heard of the new topic yet makes kafkajs' own waiting fail.
      waitForLeaders: false,
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
      // The client does not say of which topic it speaks.
      throw Object.assign(error as Error, { topic });
    }
  }
}
