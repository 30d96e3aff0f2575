import type { CoffeeReady } from './coffee-ready';
import type { Order } from './order';

/** Something that happened in the shop. */
export type Entry =
  | { readonly kind: 'ordered'; readonly order: Order }
  | { readonly kind: 'seated'; readonly orders: number; readonly tookMs: number }
  | {
      readonly kind: 'jammed';
      readonly barista: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'brewed'; readonly order: Order; readonly barista: string; readonly attempt: number }
  | { readonly kind: 'buzzed'; readonly ready: CoffeeReady; readonly waitedMs: number }
  | { readonly kind: 'refused'; readonly order: Order; readonly reason: string };

type EntryOf<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

/**
 * Remembers the day, tells each entry to whoever prints it, and knows when nobody waits any more. By the ids of orders: a
 * broker may hold one of the day before, and bring one twice.
 */
export class Journal {
  readonly #entries: Entry[] = [];
  readonly #tell: (entry: Entry) => void;
  #wake: (() => void) | undefined;

  constructor(tell: (entry: Entry) => void) {
    this.#tell = tell;
  }

  write(entry: Entry): void {
    this.#entries.push(entry);
    this.#tell(entry);
    this.#wakeIfDone();
  }

  all<K extends Entry['kind']>(kind: K): EntryOf<K>[] {
    return this.#entries.filter((entry): entry is EntryOf<K> => entry.kind === kind);
  }

  /** Resolves when every order has ended in a coffee or in an apology. */
  answered(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#wakeIfDone();
    });
  }

  #wakeIfDone(): void {
    const answered = new Set([
      ...this.all('buzzed').map(({ ready }) => ready.orderId),
      ...this.all('refused').map(({ order }) => order.id),
    ]);
    if (this.all('ordered').every(({ order }) => answered.has(order.id))) this.#wake?.();
  }
}
