import type { Order } from './order';

const JAMS_EVERY = 4;

/** The one grinder both baristas use. It jams on every fourth use, so that each run tells the same story. */
export class Grinder {
  #uses = 0;

  grind(order: Order): void {
    this.#uses += 1;
    if (this.#uses % JAMS_EVERY === 0) throw new Error(`the grinder jammed on #${order.ticket}`);
  }
}
