import { acknowledged, type InboundRecord, type Settlement } from '@millrace/core/spi';
import type { DeliveryOptions, Together } from './kafka-delivery-options';
import type { KafkaWindow, WindowEntry } from './kafka-window';

const FIRST_RETURN_MS = 5;
const LONGEST_RETURN_MS = 1_000;
/** Handlers that are done at once would keep the event loop to themselves for a whole fetch. */
const LONGEST_TURN_MS = 20;
const RECORDS_BETWEEN_LOOKS = 64;

/**
 * Hands records of several partitions to core and acts on its verdicts. No more than `prefetch` are open; the last free places
 * are kept for partitions that have none open, so that one stuck partition leaves the others flowing.
 */
export class KafkaDeliveries<Output = unknown> {
  readonly #options: DeliveryOptions<Output>;
  readonly #idleWaiters: (() => void)[] = [];
  #windows: KafkaWindow[] = [];
  #turn = 0;
  #open = 0;
  /** Those of them that core has settled, and that are not committed yet. */
  #uncommitted = 0;
  #isHeld = true;
  #isEnded = false;
  #isDue = false;
  /** Partitions with deliveries open. */
  #busy = 0;
  /** Whether anything may be held for its time. */
  #isHolding = false;
  #timer: NodeJS.Timeout | undefined;
  #inTrouble = false;

  constructor(options: DeliveryOptions<Output>) {
    this.#options = options;
  }

  get windows(): readonly KafkaWindow[] {
    return this.#windows;
  }

  /** From now on these partitions. Others in hand are void. */
  own(windows: KafkaWindow[]): void {
    for (const window of this.#windows) if (!windows.includes(window)) window.giveUp();
    this.#windows = windows;
    this.#busy = windows.filter(({ open }) => open > 0).length;
    this.#isHolding = true;
  }

  /** Hands over nothing until {@link go}. */
  hold(): void {
    this.#isHeld = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** {@link hold}, and what core has not begun comes back: others may be given it. */
  recall(): void {
    this.hold();
    for (const window of this.#windows) window.recall();
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
    if (this.#open > this.#uncommitted) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  /** The same as {@link pump}, when the client had its turn: what it fetches next is under way by then. */
  pumpSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.pump();
    });
  }

  /** Hands over what there is and fits. */
  pump(): void {
    const { lease } = this.#options;
    if (this.#isHeld || lease.isOver) return;
    const now = Date.now();
    const { prefetch } = this.#options.request;
    const count = this.#windows.length;
    let without = 0;
    let handed = 0;
    while (without < count && this.#open < prefetch && !this.#isHeld) {
      this.#turn = (this.#turn + 1) % count;
      const window = this.#windows[this.#turn] as KafkaWindow;
      const entry = this.#mayTake(window) ? window.take(now) : undefined;
      if (entry === undefined) without += 1;
      else {
        without = 0;
        handed += 1;
        this.#hand(window, entry);
        if (handed % RECORDS_BETWEEN_LOOKS === 0 && Date.now() - now > LONGEST_TURN_MS) {
          this.pumpSoon();
          return;
        }
      }
    }
    if (this.#options.together !== undefined) this.#handFirsts(now);
    this.#wakeWhenDue(now);
  }

  /** What waits to be committed leaves its place only when the records before it are done: these need none. */
  #handFirsts(now: number): void {
    for (const window of this.#windows) {
      const entry = window.mayHand() ? window.takeFirst(now) : undefined;
      if (entry !== undefined) this.#hand(window, entry);
    }
  }

  /** Free places are kept for the partitions that have none, but no more than half of all. */
  #mayTake(window: KafkaWindow): boolean {
    if (!window.mayHand()) return false;
    if (window.open === 0) return true;
    const { prefetch } = this.#options.request;
    const idle = this.#windows.length - this.#busy;
    return prefetch - this.#open > Math.min(idle, prefetch >> 1);
  }

  #wakeWhenDue(now: number): void {
    if (!this.#isHolding) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let due = Number.POSITIVE_INFINITY;
    let mayHold = false;
    for (const window of this.#windows) {
      const { nextDue, isDelayed } = window;
      if (isDelayed || nextDue !== undefined) mayHold = true;
      // One that waits for what was recalled goes on when that is back.
      if (nextDue !== undefined && nextDue < due && window.mayHand()) due = nextDue;
    }
    this.#isHolding = mayHold;
    const isFull = this.#open >= this.#options.request.prefetch && this.#options.together === undefined;
    if (due === Number.POSITIVE_INFINITY || isFull) return;
    this.#timer = setTimeout(() => this.pump(), Math.min(Math.max(1, due - now), 60_000));
  }

  #hand(window: KafkaWindow, entry: WindowEntry): void {
    if (window.open === 0) this.#busy += 1;
    window.open += 1;
    this.#open += 1;
    this.#options.moved(window);
    const record = this.#options.recordOf(window, entry);
    window.unanswered += 1;
    const verdict = this.#deliver(record);
    if (verdict === acknowledged && this.#options.together === undefined) {
      window.unanswered -= 1;
      if (this.#inTrouble) this.#report(undefined);
      this.#finish(window, entry);
      this.#close(window);
      return;
    }
    this.#settleLater(window, entry, record, verdict);
  }

  /** Apart, because functions that keep what they need cost every call of the function around them. */
  #settleLater(window: KafkaWindow, entry: WindowEntry, record: InboundRecord, verdict: Promise<Settlement>): void {
    verdict.then(
      (settlement) => this.#settle(window, entry, record, settlement),
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

  #settle(window: KafkaWindow, entry: WindowEntry, record: InboundRecord, settlement: Settlement): void {
    window.unanswered -= 1;
    if (this.#inTrouble) this.#report(undefined);
    const isGivenBack = settlement.verdict === 'requeue' && settlement.delayMs === undefined;
    if (this.#options.together !== undefined && !isGivenBack) {
      void this.#commit(window, entry, record, settlement, this.#options.together);
      return;
    }
    if (settlement.verdict !== 'requeue') this.#finish(window, entry);
    else if (settlement.delayMs === undefined) this.#giveBack(window, entry, record.isRecalled);
    else {
      void this.#setAside(window, entry, settlement, settlement.delayMs);
      return;
    }
    this.#leave(window);
  }

  #broken(window: KafkaWindow, entry: WindowEntry, fault: unknown): void {
    window.unanswered -= 1;
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
  #giveBack(window: KafkaWindow, entry: WindowEntry, isRecalled = false): void {
    if (window.isVoid || this.#isEnded) return;
    if (!isRecalled) entry.returns += 1;
    const wait = Math.min(LONGEST_RETURN_MS, FIRST_RETURN_MS * 2 ** Math.min(entry.returns - 1, 10));
    window.hold(entry, isRecalled ? 0 : Date.now() + wait, true);
    this.#isHolding = true;
  }

  async #commit(
    window: KafkaWindow,
    entry: WindowEntry,
    record: InboundRecord,
    settlement: Settlement,
    together: Together<Output>,
  ): Promise<void> {
    const startedAt = Date.now();
    try {
      const outputs = await together.outputs(window, entry, record, settlement);
      if (outputs !== undefined) {
        if (!(await this.#committed(together.commit(window, entry, outputs)))) this.#giveBack(window, entry);
      } else if (settlement.verdict === 'requeue')
        this.#keep(window, entry, settlement, startedAt + (settlement.delayMs ?? 0));
    } catch (fault) {
      this.#report(fault instanceof Error ? fault : new Error(String(fault)));
      this.#giveBack(window, entry);
    }
    this.#leave(window);
  }

  /** Core has no more to do with it: it counts as open, so that memory is bounded, and not as work that a drain waits for. */
  async #committed(committing: Promise<boolean>): Promise<boolean> {
    this.#uncommitted += 1;
    this.#wakeIfIdle();
    try {
      return await committing;
    } finally {
      this.#uncommitted -= 1;
    }
  }

  async #setAside(
    window: KafkaWindow,
    entry: WindowEntry,
    settlement: Settlement & { verdict: 'requeue' },
    delayMs: number,
  ): Promise<void> {
    // The clock counts whole milliseconds: without one more a part of one may be missing.
    const dueAt = Date.now() + delayMs + 1;
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
    this.#isHolding = true;
  }

  #leave(window: KafkaWindow): void {
    this.#close(window);
    this.pump();
  }

  #close(window: KafkaWindow): void {
    window.open -= 1;
    this.#open -= 1;
    if (window.open === 0 && !window.isVoid) this.#busy -= 1;
    this.#wakeIfIdle();
  }

  #wakeIfIdle(): void {
    if (this.#open > this.#uncommitted) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #report(trouble: Error | undefined): void {
    this.#inTrouble = trouble !== undefined;
    this.#options.request.report(trouble);
  }
}
