import { setTimeout as pause } from 'node:timers/promises';
import { Source } from '@millrace/core';
import { inject, injectable } from 'inversify';
import { now } from '../ledger/entry';
import { Ledger } from '../ledger/ledger';
import { Parcel } from './parcel';

export const PACE = Symbol('pace');

/** How fast a producer sends, and under which keys. */
export interface Pace {
  readonly perSecond: number;
  readonly keys: readonly string[];
}

const TICK_MS = 20;
/** Sends without an answer yet; whoever wants more waits, as an application that awaits its sends would. */
const MOST_OPEN = 500;

/** Sends parcels at an even pace, several of a key at once, and writes down what became of each. */
@injectable()
export class Shipper {
  readonly #numbers = new Map<string, number>();
  #turn = 0;
  #open = 0;

  constructor(
    @Source(Parcel) private readonly parcels: Source<Parcel>,
    private readonly ledger: Ledger,
    @inject(PACE) private readonly pace: Pace,
  ) {}

  /** Resolves some time after the signal, when every send has its answer. */
  async ship(signal: AbortSignal): Promise<void> {
    let credit = 0;
    let last = performance.now();
    while (!signal.aborted) {
      await pause(TICK_MS);
      const elapsed = performance.now() - last;
      last += elapsed;
      // After a hold-up it goes on at its pace: what was not sent then is not made up for.
      credit = Math.min(credit + (elapsed * this.pace.perSecond) / 1_000, this.pace.perSecond / 10 + 1);
      const count = Math.min(Math.floor(credit), MOST_OPEN - this.#open);
      if (count <= 0 || signal.aborted) continue;
      credit -= count;
      await this.#send(count);
    }
    while (this.#open > 0) await pause(TICK_MS);
  }

  async #send(count: number): Promise<void> {
    const parcels = Array.from({ length: count }, () => this.#next());
    for (const { key, number } of parcels) this.ledger.write({ at: now(), what: 'sending', key, number });
    this.#open += count;
    await this.ledger.synced();
    for (const parcel of parcels) void this.#ship(parcel);
  }

  async #ship(parcel: Parcel): Promise<void> {
    const { key, number } = parcel;
    try {
      await this.parcels.send(parcel);
      this.ledger.write({ at: now(), what: 'confirmed', key, number });
    } catch (error) {
      this.ledger.write({ at: now(), what: 'rejected', key, number, why: String(error) });
    } finally {
      this.#open -= 1;
    }
  }

  #next(): Parcel {
    const { keys } = this.pace;
    const key = keys[this.#turn % keys.length] as string;
    this.#turn += 1;
    const number = (this.#numbers.get(key) ?? 0) + 1;
    this.#numbers.set(key, number);
    return Parcel.of(key, number);
  }
}
