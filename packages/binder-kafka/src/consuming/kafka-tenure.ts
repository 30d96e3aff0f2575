import type { KafkaLease } from './kafka-lease';

/**
 * The time in which what was handed over of a partition may be begun. It ends for good: were it to go on, a record that was given
 * back would be overtaken by one that waited behind it.
 */
export class KafkaTenure {
  readonly #lease: Pick<KafkaLease, 'isOver'>;
  #isEnded = false;

  constructor(lease: Pick<KafkaLease, 'isOver'>) {
    this.#lease = lease;
  }

  /** Whether it is over, as far as it is known. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** The same, with a look at the clock. */
  get isOver(): boolean {
    this.#isEnded ||= this.#lease.isOver;
    return this.#isEnded;
  }

  end(): void {
    this.#isEnded = true;
  }
}
