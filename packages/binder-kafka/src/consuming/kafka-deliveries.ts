import type { ConsumerRequest, InboundRecord, Settlement } from '@millrace/core/spi';
import type { KafkaWindow, WindowEntry } from './kafka-window';

export interface DeliveryOptions {
  readonly request: Pick<ConsumerRequest, 'binding' | 'prefetch' | 'deliver' | 'report'>;
  readonly recordOf: (window: KafkaWindow, entry: WindowEntry) => InboundRecord;
  /** Keeps a record elsewhere for a while. `false`: it is to be held here instead. */
  readonly park: (
    window: KafkaWindow,
    entry: WindowEntry,
    delayMs: number,
    headers: Settlement & { verdict: 'requeue' },
  ) => Promise<boolean>;
  readonly finished: () => void;
  /** Something waits no more: there may be room for another batch. */
  readonly moved: (window: KafkaWindow) => void;
}

const FIRST_RETURN_MS = 5;
const LONGEST_RETURN_MS = 1_000;

/**
 * Hands records of several partitions to core and acts on its verdicts. No more than `prefetch` are open; the last free places
 * are kept for partitions that have none open, so that one stuck partition leaves the others flowing.
 */
export class KafkaDeliveries {
  readonly #options: DeliveryOptions;
  readonly #idleWaiters: (() => void)[] = [];
  #windows: KafkaWindow[] = [];
  #turn = 0;
  #open = 0;
  #isHeld = true;
  #isEnded = false;
  #timer: NodeJS.Timeout | undefined;
  #inTrouble = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get windows(): readonly KafkaWindow[] {
    return this.#windows;
  }

  /** From now on these partitions. Others in hand are void. */
  own(windows: KafkaWindow[]): void {
    for (const window of this.#windows) if (!windows.includes(window)) window.isVoid = true;
    this.#windows = windows;
  }

  /** Hands over nothing until {@link go}. */
  hold(): void {
    this.#isHeld = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  go(): void {
    this.#isHeld = false;
    this.pump();
  }

  /** Hands over nothing any more. */
  end(): void {
    this.#isEnded = true;
    this.hold();
  }

  /** Resolves when core has settled everything it has. */
  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Hands over what there is and fits. */
  pump(): void {
    if (this.#isHeld) return;
    const now = Date.now();
    const { prefetch } = this.#options.request;
    const count = this.#windows.length;
    let without = 0;
    while (without < count && this.#open < prefetch && !this.#isHeld) {
      this.#turn = (this.#turn + 1) % count;
      const window = this.#windows[this.#turn] as KafkaWindow;
      const entry = this.#mayTake(window) ? window.take(now) : undefined;
      if (entry === undefined) without += 1;
      else {
        without = 0;
        this.#hand(window, entry);
      }
    }
    this.#wakeWhenDue(now);
  }

  /** Free places are kept for the partitions that have none, but no more than half of all. */
  #mayTake(window: KafkaWindow): boolean {
    if (window.open === 0) return true;
    const { prefetch } = this.#options.request;
    let idle = 0;
    for (const each of this.#windows) if (each.open === 0) idle += 1;
    return prefetch - this.#open > Math.min(idle, prefetch >> 1);
  }

  #wakeWhenDue(now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let due = Number.POSITIVE_INFINITY;
    for (const { nextDue } of this.#windows) if (nextDue !== undefined && nextDue < due) due = nextDue;
    if (due === Number.POSITIVE_INFINITY || this.#open >= this.#options.request.prefetch) return;
    this.#timer = setTimeout(() => this.pump(), Math.min(Math.max(1, due - now), 60_000));
  }

  #hand(window: KafkaWindow, entry: WindowEntry): void {
    window.open += 1;
    this.#open += 1;
    this.#options.moved(window);
    this.#deliver(this.#options.recordOf(window, entry)).then(
      (settlement) => this.#settle(window, entry, settlement),
      (fault: unknown) => this.#broken(window, entry, fault),
    );
  }

  /** The contract forbids `deliver` to throw; should it, the record comes back all the same. */
  #deliver(record: InboundRecord): Promise<Settlement> {
    try {
      return Promise.resolve(this.#options.request.deliver(record));
    } catch (fault) {
      return Promise.reject(fault);
    }
  }

  #settle(window: KafkaWindow, entry: WindowEntry, settlement: Settlement): void {
    if (this.#inTrouble) this.#report(undefined);
    if (settlement.verdict !== 'requeue') this.#finish(window, entry);
    else if (settlement.delayMs === undefined) this.#giveBack(window, entry);
    else {
      void this.#setAside(window, entry, settlement, settlement.delayMs);
      return;
    }
    this.#leave(window);
  }

  #broken(window: KafkaWindow, entry: WindowEntry, fault: unknown): void {
    const { binding } = this.#options.request;
    this.#report(new Error(`${binding}: a delivery ended without a verdict; the record comes again`, { cause: fault }));
    this.#giveBack(window, entry);
    this.#leave(window);
  }

  #finish(window: KafkaWindow, entry: WindowEntry): void {
    // Another member has the partition: the record is its to finish.
    if (window.isVoid) return;
    window.finish(entry);
    this.#options.finished();
  }

  /** Unfinished, in its old place: it comes again soon, and nothing of its partition before it. */
  #giveBack(window: KafkaWindow, entry: WindowEntry): void {
    if (window.isVoid || this.#isEnded) return;
    entry.returns += 1;
    const wait = Math.min(LONGEST_RETURN_MS, FIRST_RETURN_MS * 2 ** Math.min(entry.returns - 1, 10));
    window.hold(entry, Date.now() + wait, true);
  }

  async #setAside(
    window: KafkaWindow,
    entry: WindowEntry,
    settlement: Settlement & { verdict: 'requeue' },
    delayMs: number,
  ): Promise<void> {
    const dueAt = Date.now() + delayMs;
    try {
      if (!window.isVoid && (await this.#options.park(window, entry, delayMs, settlement))) this.#finish(window, entry);
      else this.#keep(window, entry, settlement, dueAt);
    } catch (fault) {
      this.#report(fault instanceof Error ? fault : new Error(String(fault)));
      this.#keep(window, entry, settlement, dueAt);
    }
    this.#leave(window);
  }

  /** Held in memory: unfinished for the broker, so nothing is lost when this process ends. */
  #keep(window: KafkaWindow, entry: WindowEntry, settlement: Settlement & { verdict: 'requeue' }, dueAt: number): void {
    if (window.isVoid || this.#isEnded) return;
    entry.headers = settlement.headers ?? entry.headers;
    entry.returns = 0;
    window.hold(entry, dueAt, false);
  }

  #leave(window: KafkaWindow): void {
    window.open -= 1;
    this.#open -= 1;
    if (this.#open === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
    this.pump();
  }

  #report(trouble: Error | undefined): void {
    this.#inTrouble = trouble !== undefined;
    this.#options.request.report(trouble);
  }
}
