import { type Settlement, settlements } from '@millrace/core/spi';
import { Gate } from './gate';
import { Traffic } from './traffic';

/** How often, and where. */
export interface FaultOptions {
  /** How many times; `Infinity` for always. Default 1. */
  readonly times?: number;
  /** Only at this destination. Default: any. */
  readonly destination?: string;
}

/**
 * Troubles that a check orders, for a binder wrapped by {@link faultyBinder}. Nothing goes wrong until it is ordered. The
 * wrapper stands between core and the binder, so every binder can be troubled in the same way, whatever its broker.
 *
 * | order | what core and broker see |
 * |---|---|
 * | `refuseSends` | `send` rejects, the broker never gets the record |
 * | `holdSends` | `send` waits until released, as behind a blocked broker |
 * | `refuseAcks` | core's `ack` becomes a requeue: the broker did not take it, and delivers the record again; trouble is reported |
 * | `refuseDeadLetters` | writing the dead letter rejects, nothing is written |
 * | `loseConnection` | trouble is reported, sends and dead letters reject, acks are refused, nothing is delivered until `restoreConnection` |
 * | `deliverTwice` | each n-th acknowledged record is delivered a second time |
 */
export class Faults {
  /** What crossed the contract so far, in both directions. */
  readonly traffic = new Traffic();
  readonly #sends: Order[] = [];
  readonly #acks: Order[] = [];
  readonly #deadLetters: Order[] = [];
  readonly #holds: { readonly destination: string | undefined; readonly gate: Gate }[] = [];
  readonly #reporters = new Set<Reporter>();
  #twiceEvery = 0;
  #acknowledged = 0;
  #restored: Gate | undefined;

  refuseSends(options: FaultOptions = {}): void {
    this.#sends.push(toOrder(options));
  }

  /** Returns the function that lets the held and all later sends go. */
  holdSends(options: Pick<FaultOptions, 'destination'> = {}): () => void {
    const hold = { destination: options.destination, gate: new Gate() };
    this.#holds.push(hold);
    return () => hold.gate.open();
  }

  refuseAcks(options: FaultOptions = {}): void {
    this.#acks.push(toOrder(options));
  }

  refuseDeadLetters(options: FaultOptions = {}): void {
    this.#deadLetters.push(toOrder(options));
  }

  /** `every: 3` repeats the third, the sixth and so on. Default 1, each record. 0 ends it. */
  deliverTwice(options: { readonly every?: number } = {}): void {
    this.#twiceEvery = options.every ?? 1;
    this.#acknowledged = 0;
  }

  loseConnection(): void {
    this.#restored ??= new Gate();
    for (const report of this.#reporters) report(new Error('connection lost'));
  }

  restoreConnection(): void {
    this.#restored?.open();
    this.#restored = undefined;
    for (const report of this.#reporters) report(undefined);
  }

  /** The rest is called by the wrapped binder. A binding that lives is told about lost connections. */
  enlist(report: Reporter): () => void {
    this.#reporters.add(report);
    return () => this.#reporters.delete(report);
  }

  /** Passes, waits or rejects, as ordered. */
  async beforeSend(destination: string): Promise<void> {
    for (const hold of this.#holds) if (matches(hold, destination)) await hold.gate.passed();
    if (this.isDisconnected) throw new Error('connection lost');
    if (take(this.#sends, destination)) throw new Error(`the broker refused a record for ${destination}`);
  }

  beforeDeadLetter(destination: string): void {
    if (this.isDisconnected) throw new Error('connection lost');
    if (take(this.#deadLetters, destination)) throw new Error(`the broker refused a dead letter of ${destination}`);
  }

  get isDisconnected(): boolean {
    return this.#restored !== undefined;
  }

  /** Resolves at once, or when the connection is back. */
  async connected(): Promise<void> {
    await this.#restored?.passed();
  }

  /** Whether the record just acknowledged is to be delivered again. */
  repeats(): boolean {
    this.#acknowledged += 1;
    return this.#twiceEvery > 0 && this.#acknowledged % this.#twiceEvery === 0;
  }

  /** The verdict as the broker takes it. */
  settle(settlement: Settlement, destination: string): Settlement {
    if (settlement.verdict !== 'ack') return settlement;
    return this.isDisconnected || take(this.#acks, destination) ? settlements.requeue : settlement;
  }
}

type Reporter = (trouble: Error | undefined) => void;

interface Order {
  readonly destination: string | undefined;
  left: number;
}

function toOrder({ times = 1, destination }: FaultOptions): Order {
  return { destination, left: times };
}

function matches(order: { readonly destination: string | undefined }, destination: string): boolean {
  return order.destination === undefined || order.destination === destination;
}

function take(orders: readonly Order[], destination: string): boolean {
  const order = orders.find((each) => each.left > 0 && matches(each, destination));
  if (order !== undefined) order.left -= 1;
  return order !== undefined;
}
