import { indexOf, type OrderFields } from '../orders/order-fields';

const PER_SECOND = 500;
/** Orders of different rounds have different numbers. */
const ORDERS_OF_A_ROUND = 1_000_000;

/** Sends at an even pace and takes the time of each message from its send to its handler. */
export class Latencies {
  #first = 0;
  #sentAt: Float64Array = new Float64Array();
  #took: Float64Array = new Float64Array();
  #left = 0;
  #done: () => void = () => undefined;

  /** @returns milliseconds: `p50`, `p99`, `p999` */
  async measure(
    messages: number,
    send: (index: number) => Promise<unknown>,
  ): Promise<Readonly<Record<string, number>>> {
    this.#first += ORDERS_OF_A_ROUND;
    this.#sentAt = new Float64Array(messages);
    this.#took = new Float64Array(messages);
    this.#left = messages;
    const allHandled = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    await this.#sendAll(messages, send);
    await allHandled;
    const sorted = this.#took.toSorted();
    const percentile = (share: number): number => sorted[Math.ceil(share * messages) - 1] as number;
    return { p50: percentile(0.5), p99: percentile(0.99), p999: percentile(0.999) };
  }

  /** Called by the handler. */
  handled(order: Pick<OrderFields, 'id'>): void {
    const at = indexOf(order) - this.#first;
    this.#took[at] = performance.now() - (this.#sentAt[at] as number);
    this.#left -= 1;
    if (this.#left === 0) this.#done();
  }

  async #sendAll(messages: number, send: (index: number) => Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    const sends: Promise<unknown>[] = [];
    for (let at = 0; at < messages; at += 1) {
      const waitMs = startedAt + (at * 1_000) / PER_SECOND - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      this.#sentAt[at] = performance.now();
      sends.push(send(this.#first + at));
    }
    await Promise.all(sends);
  }
}
