import type { FetchedBatch, Position, TopicPartition } from '../kafka-port';
import type { KafkaDeliveries } from './kafka-deliveries';
import { KafkaWindow } from './kafka-window';

/** A fetch waits so long for room before its partition is paused, and the others of its broker go on. */
const PATIENCE_MS = 100;

const MANY_RECORDS = 100;

export interface IntakeOptions {
  readonly deliveries: KafkaDeliveries;
  readonly newWindow: (partition: TopicPartition) => KafkaWindow;
  readonly pause: (partition: TopicPartition) => void;
  readonly resume: (partition: TopicPartition) => void;
}

/**
 * Takes fetched batches in. One batch of a partition waits while the one before it is handed over, so fetching and handling
 * overlap; a third is not fetched until there is room. So memory is bounded by two batches of each partition. The client is never
 * held up for longer than that patience, however long handlers run: its heartbeats go on (trap 5), and so do the partitions that
 * the same broker leads (trap 6).
 */
export class KafkaIntake {
  readonly #options: IntakeOptions;
  readonly #roomWaiters = new Map<KafkaWindow, { readonly limit: number; readonly proceed: () => void }>();

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  async take(batch: FetchedBatch): Promise<void> {
    const window = this.#options.deliveries.windows.find((each) => isSame(each, batch));
    if (window === undefined) return;
    const hadWaiting = window.waiting > 0;
    window.append(batch);
    // A few are wanted soon. Many take a while: the next fetch goes out first, and the broker works on it meanwhile.
    if (batch.records.length < MANY_RECORDS) this.#options.deliveries.pump();
    else this.#options.deliveries.pumpSoon();
    if (hadWaiting && window.waiting > batch.records.length) await this.#room(window, batch.records.length);
  }

  /** Those that stay keep what they have in hand; so do those that come back from where this member has left them. */
  assign(partitions: readonly TopicPartition[], kept: boolean, committed: readonly Position[]): void {
    const { deliveries, newWindow, pause, resume } = this.#options;
    const offsetOf = (place: TopicPartition): string | undefined =>
      committed.find((position) => isSame(position, place))?.offset;
    const isUntouched = (window: KafkaWindow): boolean =>
      window.committed !== undefined && offsetOf(window) === window.committed;
    const former = deliveries.windows.filter((window) => !window.isVoid && (kept || isUntouched(window)));
    const windows = partitions.map(({ topic, partition }) => {
      const own = former.find((each) => isSame(each, { topic, partition }));
      own?.expectRepetition();
      if (own !== undefined) return own;
      const window = newWindow({ topic, partition });
      // Where the group is, and this member begins: a second absence before its first commit may find it there.
      window.committed = offsetOf(window);
      return window;
    });
    deliveries.own(windows);
    // The client keeps a partition paused that was another's meanwhile.
    for (const window of windows) (window.isPaused ? pause : resume)(window);
    this.release();
  }

  /** Called when a record of the window was taken. */
  moved(window: KafkaWindow): void {
    const waiter = this.#roomWaiters.get(window);
    if (waiter !== undefined && window.waiting <= waiter.limit) waiter.proceed();
    if (!window.isPaused || window.waiting > window.resumeAt) return;
    window.isPaused = false;
    this.#options.resume(window);
  }

  /** Lets every waiting fetch go on. */
  release(): void {
    for (const { proceed } of [...this.#roomWaiters.values()]) proceed();
  }

  async #room(window: KafkaWindow, limit: number): Promise<void> {
    const hasRoom = await new Promise<boolean>((resolve) => {
      const leave = (found: boolean): void => {
        clearTimeout(timer);
        this.#roomWaiters.delete(window);
        resolve(found);
      };
      const timer = setTimeout(leave, PATIENCE_MS, false);
      this.#roomWaiters.set(window, { limit, proceed: () => leave(true) });
    });
    if (hasRoom || window.isVoid) return;
    window.isPaused = true;
    window.resumeAt = Math.floor(limit / 2);
    this.#options.pause(window);
  }
}

function isSame(one: TopicPartition, other: TopicPartition): boolean {
  return one.partition === other.partition && one.topic === other.topic;
}
