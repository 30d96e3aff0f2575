import {
  acknowledged,
  type ConsumerRequest,
  type MessageHeaders,
  type Settlement,
  settlements,
} from '@millrace/core/spi';
import { Fifo } from '../fifo';
import type { ConsumerQueue } from '../provisioning/rabbitmq-topology';
import type { DeliveredMessage } from '../rabbitmq-port';
import type { RabbitmqDelivery } from '../wire/rabbitmq-record';
import type { RabbitmqAcks } from './rabbitmq-acks';
import { TurnShare } from './turn-share';

/** What arrived on a channel, from one queue. */
export interface Arrival {
  readonly queue: ConsumerQueue;
  readonly message: DeliveredMessage;
  /** Where its verdict goes. */
  readonly acks: RabbitmqAcks;
}

export interface DeliveryOptions {
  readonly request: Pick<ConsumerRequest, 'binding' | 'prefetch' | 'deliver'>;
  /** A message holds one record, or those of a batch. Must not throw. */
  readonly recordsOf: (arrival: Arrival) => readonly RabbitmqDelivery[];
  /** Puts a record aside for the delay, and resolves when the broker has it there. `false`: it is to be held here instead. */
  readonly park: (record: RabbitmqDelivery, delayMs: number, headers: MessageHeaders) => Promise<boolean>;
  readonly report: (trouble: Error | undefined) => void;
}

/** A record on its way through core. */
interface Entry {
  readonly record: RabbitmqDelivery;
  readonly arrival: Arrival;
  /** The batch it came in. */
  readonly batch: Batch | undefined;
}

/** A message of several records is settled when all are; one that has to come again brings the others along. */
interface Batch {
  unsettled: number;
  comesAgain: boolean;
}

/** Node.js counts milliseconds of a timer in 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Hands records to core and acts on its verdicts. The broker sends no more than it may by `prefetch`, for each queue; what is more
 * than the binding's own limit, or than one turn of the event loop has time for, waits here.
 */
export class RabbitmqDeliveries {
  readonly #options: DeliveryOptions;
  readonly #waiting = new Fifo<Entry>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #idleWaiters: (() => void)[] = [];
  readonly #share = new TurnShare(() => this.#pump());
  #open = 0;
  #isHeld = false;
  #isEnded = false;
  #inTrouble = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  arrived(arrival: Arrival): void {
    // What comes after the end stays unsettled and goes back with its channel.
    if (this.#isEnded) return;
    const records = this.#options.recordsOf(arrival);
    const batch = records.length > 1 ? { unsettled: records.length, comesAgain: false } : undefined;
    for (const record of records) this.#take({ record, arrival, batch });
  }

  /** Hands over nothing until {@link go}; what waits stays. */
  rest(): void {
    this.#isHeld = true;
  }

  /** Gives back to the broker what waits here. */
  giveBack(): void {
    for (const entry of this.#waiting.drain()) this.#finish(entry, settlements.requeue);
  }

  go(): void {
    this.#isHeld = false;
    this.#pump();
  }

  /** Hands over nothing any more. */
  end(): void {
    this.#isEnded = true;
    this.#isHeld = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Resolves when core has settled everything it has. */
  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#idleWaiters.push(resolve));
  }

  #take(entry: Entry): void {
    const { dueAt } = entry.record.source;
    if (dueAt !== undefined && dueAt > Date.now()) {
      this.#open += 1;
      void this.#setAside(entry, dueAt, entry.record.headers);
    } else if (this.#waiting.length > 0 || !this.#hasRoom) this.#waiting.push(entry);
    else this.#hand(entry);
  }

  get #hasRoom(): boolean {
    return !this.#isHeld && !this.#share.isSpent && this.#open < this.#options.request.prefetch;
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#hasRoom) {
      const entry = this.#waiting.shift() as Entry;
      // A channel that has gone in the meantime has taken its messages along.
      if (!entry.arrival.acks.isEnded) this.#hand(entry);
    }
  }

  #hand(entry: Entry): void {
    this.#share.take();
    this.#open += 1;
    const verdict = this.#deliver(entry.record);
    if (verdict === acknowledged) {
      if (this.#inTrouble) this.#report(undefined);
      this.#finish(entry, settlements.ack);
      this.#close();
      return;
    }
    this.#settleLater(entry, verdict);
  }

  /** Apart, because functions that keep what they need cost every call of the function around them. */
  #settleLater(entry: Entry, verdict: Promise<Settlement>): void {
    verdict.then(
      (settlement) => this.#settle(entry, settlement),
      (fault: unknown) => this.#broken(entry, fault),
    );
  }

  /** The contract forbids `deliver` to throw; should it, the record comes back all the same. */
  #deliver(record: RabbitmqDelivery): Promise<Settlement> {
    try {
      return Promise.resolve(this.#options.request.deliver(record));
    } catch (fault) {
      return Promise.reject(fault);
    }
  }

  #settle(entry: Entry, settlement: Settlement): void {
    if (this.#inTrouble) this.#report(undefined);
    if (settlement.verdict === 'requeue' && settlement.delayMs !== undefined) {
      void this.#setAside(entry, Date.now() + settlement.delayMs, settlement.headers ?? entry.record.headers);
      return;
    }
    this.#finish(entry, settlement);
    this.#leave();
  }

  #broken(entry: Entry, fault: unknown): void {
    const { binding } = this.#options.request;
    this.#report(new Error(`${binding}: a delivery ended without a verdict; the record comes again`, { cause: fault }));
    this.#finish(entry, settlements.requeue);
    this.#leave();
  }

  /** What was rejected is finished: core has seen to it, and a dead letter by the broker would be one that nobody wanted. */
  #finish({ arrival: { acks, message }, batch }: Entry, { verdict }: Settlement): void {
    const comesAgain = verdict === 'requeue' || batch?.comesAgain === true;
    if (batch !== undefined) {
      batch.unsettled -= 1;
      batch.comesAgain = comesAgain;
      if (batch.unsettled > 0) return;
    }
    if (!comesAgain) acks.ack(message.tag);
    // At the end all go back together with their channel, in their old order: one by one, the later might overtake.
    else if (!this.#isEnded) acks.nack(message.tag, true);
  }

  async #setAside(entry: Entry, dueAt: number, headers: MessageHeaders): Promise<void> {
    const { record, arrival } = entry;
    try {
      if (!arrival.acks.isEnded && (await this.#options.park(record, dueAt - Date.now(), headers)))
        this.#finish(entry, settlements.ack);
      else this.#keep(entry, dueAt, headers);
    } catch (fault) {
      this.#report(fault as Error);
      this.#keep(entry, dueAt, headers);
    }
    this.#leave();
  }

  /** Held in memory: unsettled for the broker, so nothing is lost when this process ends. */
  #keep(entry: Entry, dueAt: number, headers: MessageHeaders): void {
    if (this.#isEnded || entry.arrival.acks.isEnded) return;
    // Of a clock that counts whole milliseconds a part of one may be missing, and never is it too early.
    const rest = Math.max(0, dueAt - Date.now() + 1);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (rest > LONGEST_TIMER_MS) this.#keep(entry, dueAt, headers);
        else if (!entry.arrival.acks.isEnded) this.#take({ ...entry, record: entry.record.withHeaders(headers) });
      },
      Math.min(rest, LONGEST_TIMER_MS),
    );
    this.#timers.add(timer);
  }

  #leave(): void {
    this.#close();
    if (this.#waiting.length > 0) this.#pump();
  }

  #close(): void {
    this.#open -= 1;
    if (this.#open === 0) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #report(trouble: Error | undefined): void {
    this.#inTrouble = trouble !== undefined;
    this.#options.report(trouble);
  }
}
