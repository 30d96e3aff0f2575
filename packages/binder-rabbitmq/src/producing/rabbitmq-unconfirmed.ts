import { Fifo } from '../fifo';
import type { MessageToPublish } from '../rabbitmq-port';

/** A message on its way to the broker. */
export interface Sending {
  readonly message: MessageToPublish;
  /** What headers and other properties take in bytes, and what the whole takes; never less than the truth. */
  readonly headerBytes: number;
  readonly size: number;
  /** When its time is up, as `Date.now()` has it. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Resolved or rejected: only its number is still awaited. */
  isOver: boolean;
  /** Why no queue has it. */
  returned: string | undefined;
  /** How often a channel has died with this message alone on it. */
  strikes: number;
}

/** What was published on one channel and is not confirmed, by its numbers: 1, 2, 3. Confirmations come in any order. */
export class Unconfirmed {
  readonly #sendings = new Fifo<Sending>();
  readonly #confirmed = new Set<number>();
  #first = 1;
  #bytes = 0;
  /** Messages come back in the order they were published: none before this is going to. */
  #nextReturn = 1;

  get length(): number {
    return this.#sendings.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): Sending | undefined {
    return this.#sendings.at(0);
  }

  add(sending: Sending): void {
    this.#sendings.push(sending);
    this.#bytes += sending.size;
  }

  /** Takes out what is confirmed by this, and calls `each` with it. */
  confirm(number: number, multiple: boolean, each: (sending: Sending) => void): void {
    if (number < this.#first) return;
    if (!multiple && number > this.#first) {
      const sending = this.#sendings.at(number - this.#first);
      if (sending === undefined || this.#confirmed.has(number)) return;
      this.#confirmed.add(number);
      this.#bytes -= sending.size;
      each(sending);
      return;
    }
    while (this.#first <= number || this.#confirmed.has(this.#first)) {
      const sending = this.#sendings.shift();
      if (sending === undefined) return;
      const isNew = !this.#confirmed.delete(this.#first);
      this.#first += 1;
      if (!isNew) continue;
      this.#bytes -= sending.size;
      each(sending);
    }
  }

  /**
   * Finds what the broker has sent back: it names no number, but bears exchange, key, properties and body. Of several that are all
   * alike the first is taken; they are one to everybody else too.
   */
  findReturned(message: MessageToPublish): Sending | undefined {
    const from = Math.max(this.#nextReturn, this.#first);
    for (let place = from - this.#first; place < this.#sendings.length; place += 1) {
      const sending = this.#sendings.at(place) as Sending;
      if (!isSame(sending.message, message)) continue;
      this.#nextReturn = this.#first + place + 1;
      return sending;
    }
    return undefined;
  }

  /** Whose time is up: they are left in their places, because their numbers are still to come. */
  late(now: number): Sending[] {
    const late: Sending[] = [];
    for (let place = 0; place < this.#sendings.length; place += 1) {
      const sending = this.#sendings.at(place) as Sending;
      if (sending.deadline > now) break;
      if (!sending.isOver) late.push(sending);
    }
    return late;
  }

  /** Forgets the channel, and gives what was not confirmed on it, in order. */
  reset(): Sending[] {
    const rest = this.#sendings
      .drain()
      .filter((sending, place) => !sending.isOver && !this.#confirmed.has(this.#first + place));
    this.#confirmed.clear();
    this.#first = 1;
    this.#bytes = 0;
    this.#nextReturn = 1;
    return rest;
  }
}

function isSame(one: MessageToPublish, other: MessageToPublish): boolean {
  return (
    one.routingKey === other.routingKey &&
    one.exchange === other.exchange &&
    one.properties.messageId === other.properties.messageId &&
    one.body.equals(other.body)
  );
}
