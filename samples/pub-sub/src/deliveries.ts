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
  #waiting: { readonly isOver: () => boolean; readonly resolve: () => void } | undefined;

  note(receiver: Receiver, instance: string, change: PriceChanged): void {
    this.all.push({ receiver, instance, change });
    this.#wakeIfDone();
  }

  /** The instances in which a receiver got the change. */
  instances(receiver: Receiver, { id }: PriceChanged): string[] {
    return this.all
      .filter((delivery) => delivery.receiver === receiver && delivery.change.id === id)
      .map(({ instance }) => instance);
  }

  /** Resolves when each change has reached each of the two groups somewhere, and the cache of every open instance. */
  complete(changes: readonly PriceChanged[], open: readonly string[]): Promise<void> {
    const isComplete = (change: PriceChanged): boolean => {
      const cached = this.instances('cache', change);
      const isInGroups = (['shop window', 'accounting'] as const).every((group) => this.instances(group, change)[0]);
      return isInGroups && open.every((instance) => cached.includes(instance));
    };
    return new Promise((resolve) => {
      this.#waiting = { isOver: () => changes.every(isComplete), resolve };
      this.#wakeIfDone();
    });
  }

  #wakeIfDone(): void {
    if (this.#waiting?.isOver()) this.#waiting.resolve();
  }
}
