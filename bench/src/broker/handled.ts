import type { Clock } from '../measure/workload';
import type { OrderFields } from '../orders/order-fields';

/** Runs the clock from the first message that is done to the last: joining a group and the first fetch are not counted. */
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

  /** Later ones than were asked for count no more. */
  add(messages: number): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#clock.start();
    }
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
