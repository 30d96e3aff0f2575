import type { Clock } from '../measure/workload';
import type { OrderFields } from '../orders/order-fields';

/** Runs the clock to the last message that is done: from the first one, or from the moment when messages may come. */
export class Handled {
  readonly #clock: Clock;
  #left: number;
  #hasBegun = false;
  #resolve: () => void = () => undefined;
  /** Resolves when all are done. */
  readonly all: Promise<void>;

  constructor(messages: number, clock: Clock) {
    this.#left = messages;
    this.#clock = clock;
    this.all = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Messages may come: what is done in large pieces cannot be timed from the first of them. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#clock.start();
  }

  /** Later ones than were asked for count no more. */
  add(messages: number): void {
    this.begin();
    if (this.#left <= 0) return;
    this.#left -= messages;
    if (this.#left > 0) return;
    this.#clock.stop();
    this.#resolve();
  }
}

/** All that the handler of any contender does: it reads the order, so that nothing can leave it out. */
export function isOrder({ quantity }: Pick<OrderFields, 'quantity'>): boolean {
  if (quantity >= 1) return true;
  throw new Error('an order of nothing');
}
