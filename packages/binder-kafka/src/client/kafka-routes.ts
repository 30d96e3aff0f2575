import { type Message, Partitioners, type PartitionMetadata } from 'kafkajs';
import type { RecordRoutes, RecordToSend } from '../kafka-port';

type Leaders = readonly Pick<PartitionMetadata, 'partitionId' | 'leader'>[];

/** Nobody leads it just now, or nothing was heard of it. */
const NOBODY = -1;

/** Chooses partitions by what clients have heard: the same murmur2 as Java's, and by turns without a key. */
export class KafkaRoutes implements RecordRoutes {
  readonly #topics = new Map<string, { readonly heard: Leaders; readonly leaders: ReadonlyMap<number, number> }>();
  // Named, or kafkajs warns of its change of default (trap 19).
  readonly #choose = Partitioners.DefaultPartitioner();

  learn(topic: string, heard: Leaders): void {
    if (this.#topics.get(topic)?.heard === heard) return;
    this.#topics.set(topic, {
      heard,
      leaders: new Map(heard.map(({ partitionId, leader }) => [partitionId, leader])),
    });
  }

  forget(topic: string): void {
    this.#topics.delete(topic);
  }

  partitionOf(topic: string, record: Pick<RecordToSend, 'key' | 'value' | 'partition'>): number | undefined {
    const known = this.#topics.get(topic);
    if (known === undefined) return undefined;
    if (record.partition !== undefined) return record.partition;
    return this.#choose({
      topic,
      partitionMetadata: known.heard as PartitionMetadata[],
      message: record as Message,
    });
  }

  leaderOf(topic: string, partition: number): number {
    return this.#topics.get(topic)?.leaders.get(partition) ?? NOBODY;
  }
}
