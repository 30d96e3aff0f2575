import type { Message, Producer } from 'kafkajs';
import { recordsOfASend, send } from './kafkajs-client';

const MOST_IN_FLIGHT = 2;

interface Waiting {
  readonly message: Message;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Puts messages that wait into one request: the fifty lines that a careful user of kafkajs writes. */
export class Coalescing {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #mostRecords: number;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #isScheduled = false;

  /** @param bytes of a message, which here are all alike */
  constructor(producer: Producer, topic: string, bytes: number) {
    this.#producer = producer;
    this.#topic = topic;
    this.#mostRecords = recordsOfASend(bytes);
  }

  send(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    if (this.#inFlight > 0 && (this.#inFlight === MOST_IN_FLIGHT || this.#waiting.length < this.#mostRecords)) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#transmit();
    });
  }

  async #transmit(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#mostRecords);
    this.#inFlight += 1;
    this.#schedule();
    try {
      await send(
        this.#producer,
        this.#topic,
        batch.map(({ message }) => message),
      );
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#inFlight -= 1;
      this.#schedule();
    }
  }
}
