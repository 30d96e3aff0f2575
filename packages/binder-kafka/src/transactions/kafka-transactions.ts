import type { KafkaWindow, WindowEntry } from '../consuming/kafka-window';
import type { Position, TopicPartition, TransactionPort } from '../kafka-port';
import type { KafkaTroubles } from '../kafka-troubles';
import type { Output } from './kafka-outputs';
import { KafkaPartitionWork } from './kafka-partition-work';

export interface TransactionsOptions {
  readonly binding: string;
  readonly group: string;
  readonly newPort: (partition: TopicPartition) => TransactionPort;
  readonly confirm: () => Promise<void>;
  readonly committed: (partition: TopicPartition) => Promise<string | undefined>;
  readonly limitOf: (topic: string) => number | undefined;
  readonly troubles: KafkaTroubles;
  /** A partition was lost to somebody else, which the group may not have told this member. */
  readonly lost: (error: Error) => void;
}

/**
 * The partitions of one binding under `exactlyOnce`, a transactional id and a client for each: the id is what keeps a
 * member that was thought dead from committing, so it must belong to the partition and not to the member.
 */
export class KafkaTransactions {
  readonly #options: TransactionsOptions;
  readonly #works = new Map<string, KafkaPartitionWork>();
  /** Ids taken for partitions that the client has not begun with. */
  readonly #taken = new Map<string, TransactionPort>();
  readonly #isEnding = new AbortController();

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** Called before the positions of the partitions are read. What is not given, or was another's meanwhile, is over. */
  async take(partitions: readonly TopicPartition[], kept: boolean): Promise<void> {
    const given = new Set(partitions.map(keyOf));
    const over = [...this.#works].filter(([key, work]) => !kept || !given.has(key) || work.isEnded);
    for (const [key, work] of over) {
      work.window.giveUp();
      this.#works.delete(key);
      void work.end();
    }
    this.#release();
    const wanted = partitions.filter((partition) => !this.#works.has(keyOf(partition)));
    try {
      await Promise.all(wanted.map((partition) => this.#take(partition)));
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** From now on these. */
  assigned(windows: readonly KafkaWindow[], committed: readonly Position[]): void {
    for (const window of windows) {
      const key = keyOf(window);
      const port = this.#taken.get(key);
      if (port === undefined) continue;
      this.#taken.delete(key);
      const base = committed.find((each) => keyOf(each) === key)?.offset;
      window.committed = base;
      this.#works.set(key, this.#newWork(window, port, base));
    }
    // One that was lost since the ids were taken.
    const orphan = windows.find((window) => this.#works.get(keyOf(window))?.window !== window);
    if (orphan !== undefined)
      this.#options.lost(new Error(`the transactional id of ${orphan.topic}/${orphan.partition} is not held`));
  }

  settle(window: KafkaWindow, entry: WindowEntry, outputs: readonly Output[]): Promise<boolean> {
    const work = this.#works.get(keyOf(window));
    return work?.window === window ? work.settle(entry, outputs) : Promise.resolve(false);
  }

  async tryOut(window: KafkaWindow, output: Output): Promise<void> {
    const work = this.#works.get(keyOf(window));
    if (work?.window === window) await work.tryOut(output);
  }

  async quiet(): Promise<void> {
    await Promise.all([...this.#works.values()].map((work) => work.quiet()));
  }

  /** What is not committed by now never is. */
  async end(): Promise<void> {
    this.#isEnding.abort();
    this.#release();
    await Promise.all([...this.#works.values()].map((work) => work.end()));
  }

  #newWork(window: KafkaWindow, port: TransactionPort, base: string | undefined): KafkaPartitionWork {
    const { binding, group, newPort, confirm, committed, limitOf, troubles, lost } = this.#options;
    const report = troubles.reporter();
    return new KafkaPartitionWork({
      binding,
      group,
      window,
      port,
      base,
      newPort: () => newPort(window),
      confirm,
      committed: () => committed(window),
      limitOf,
      report,
      lost: (error) => {
        report(undefined);
        window.giveUp();
        lost(error);
      },
    });
  }

  async #take(partition: TopicPartition): Promise<void> {
    const port = this.#options.newPort(partition);
    try {
      await port.open();
    } catch (error) {
      void port.disconnect();
      throw error;
    }
    if (this.#isEnding.signal.aborted) {
      void port.disconnect();
      throw new Error('the binding is closed');
    }
    this.#taken.set(keyOf(partition), port);
  }

  #release(): void {
    for (const port of this.#taken.values()) void port.disconnect();
    this.#taken.clear();
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}
