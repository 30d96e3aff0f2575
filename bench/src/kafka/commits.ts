import type { Consumer } from 'kafkajs';

const INTERVAL_MS = 1_000;

/** Commits what is done once a second and at the end. Nobody waits for it: Kafka takes 5 ms for each. */
export class Commits {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #done = new Map<number, string>();
  readonly #timer: NodeJS.Timeout;

  constructor(consumer: Consumer, topic: string) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#timer = setInterval(() => void this.#commit().catch(() => undefined), INTERVAL_MS);
  }

  done(partition: number, offset: string): void {
    this.#done.set(partition, String(BigInt(offset) + 1n));
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#commit();
  }

  async #commit(): Promise<void> {
    const positions = [...this.#done].map(([partition, offset]) => ({ topic: this.#topic, partition, offset }));
    this.#done.clear();
    if (positions.length > 0) await this.#consumer.commitOffsets(positions);
  }
}
