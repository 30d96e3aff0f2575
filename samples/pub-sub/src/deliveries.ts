import type { PriceChanged } from './price-changed';

/** What the container calls the name of an instance. */
export const INSTANCE = Symbol('instance');

export type Receiver = 'shop window' | 'accounting' | 'cache';

export interface Delivery {
  readonly receiver: Receiver;
  readonly instance: string;
  readonly change: PriceChanged;
}

/** Who got what. Shared by all instances, as nothing in a real system would be: it is there for the people who watch. */
export class Deliveries {
  readonly all: Delivery[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined;

  note(receiver: Receiver, instance: string, change: PriceChanged): void {
    this.all.push({ receiver, instance, change });
    this.#wakeIfDone();
  }

  /** The instances in which a receiver got the change. */
  instances(receiver: Receiver, { number }: PriceChanged): string[] {
    return this.all
      .filter((delivery) => delivery.receiver === receiver && delivery.change.number === number)
      .map(({ instance }) => instance);
  }

  /** Resolves when there are so many deliveries. */
  reached(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
      this.#wakeIfDone();
    });
  }

  #wakeIfDone(): void {
    if (this.#waiting !== undefined && this.all.length >= this.#waiting.count) this.#waiting.resolve();
  }
}
