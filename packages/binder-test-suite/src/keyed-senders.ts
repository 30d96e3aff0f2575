import { setTimeout as sleep } from 'node:timers/promises';
import type { ProducerBinding } from '@millrace/core/spi';
import { until } from './eventually';
import { numbers, text } from './text-records';

export interface KeyedSendersOptions {
  /** How many keys, with a sender each. Default 10. */
  readonly keys?: number;
  /** Between two sends of a key, in milliseconds. Default 10. */
  readonly pauseMs?: number;
  /** How long `flows` and `arrived` wait. Default 40 s. */
  readonly timeoutMs?: number;
}

/**
 * Several keys, each with a sender that counts up (`3:0`, `3:1`, …) from its construction on until `end()`, and, as an
 * application would, sends again what was rejected. What was confirmed has to arrive, whatever is done to the broker meanwhile.
 */
export class KeyedSenders {
  /** Texts that the broker took, in the order it said so. */
  readonly confirmed: string[] = [];
  /** Why sends were rejected. */
  readonly rejections: unknown[] = [];
  readonly #senders: Promise<void>[];
  readonly #timeoutMs: number;
  #isOver = false;

  constructor(producer: ProducerBinding, { keys = 10, pauseMs = 10, timeoutMs = 40_000 }: KeyedSendersOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#senders = numbers(keys).map(async (key) => {
      for (let count = 0; !this.#isOver; ) {
        const name = `${key}:${count}`;
        try {
          await producer.send(text(name, { key }));
          this.confirmed.push(name);
          count += 1;
        } catch (error) {
          this.rejections.push(error);
        }
        await sleep(pauseMs);
      }
    });
  }

  /** Waits until so many more are confirmed. */
  async flows(count = 100, timeoutMs = this.#timeoutMs): Promise<void> {
    const wanted = this.confirmed.length + count;
    await until(
      () => this.confirmed.length >= wanted,
      timeoutMs,
      () => `${this.confirmed.length} of ${wanted} confirmed; last rejected: ${String(this.rejections.at(-1))}`,
    );
  }

  /** Ends all senders, and waits for what is under way. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#senders);
  }

  /**
   * Waits until nothing that was confirmed is missing among the texts that have arrived. Resolves with the number of repetitions.
   * With `inOrder`, fails unless the first arrivals of each key came in the order they were sent. Default `false`.
   */
  async arrived(texts: () => readonly string[], { inOrder = false } = {}): Promise<number> {
    const missing = (): string[] => {
      const arrived = new Set(texts());
      return this.confirmed.filter((each) => !arrived.has(each));
    };
    await until(
      () => missing().length === 0,
      this.#timeoutMs,
      () => `of ${this.confirmed.length} are missing: ${missing().slice(0, 20)}`,
    );
    if (inOrder) requireOrder(texts());
    return texts().length - new Set(texts()).size;
  }
}

function requireOrder(texts: readonly string[]): void {
  const next = new Map<string, number>();
  for (const each of new Set(texts)) {
    const [key = '', count] = each.split(':');
    const expected = next.get(key) ?? 0;
    if (Number(count) !== expected) throw new Error(`${key}: ${count} came before ${expected}`);
    next.set(key, expected + 1);
  }
}
