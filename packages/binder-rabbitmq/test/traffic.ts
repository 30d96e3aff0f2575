import type { ProducerBinding } from '@millrace/core/spi';
import { numbers, sleep, text, until } from './rig';

/** Sends all the time, several keys at once, each key in order; a rejected message is sent again under its name. */
export class Traffic {
  readonly confirmed: string[] = [];
  /** Why sends were rejected. */
  readonly rejections: unknown[] = [];
  readonly #senders: Promise<void>[];
  #isOver = false;

  constructor(producer: ProducerBinding, { keys = 10, pauseMs = 10 } = {}) {
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

  /** Until so many more are confirmed. */
  async flows(count = 100, timeoutMs = 60_000): Promise<void> {
    const wanted = this.confirmed.length + count;
    await until(
      () => this.confirmed.length >= wanted,
      timeoutMs,
      () => `${this.confirmed.length} of ${wanted} confirmed; rejected: ${String(this.rejections.at(-1))}`,
    );
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#senders);
  }

  /** Until nothing that was confirmed is missing. Resolves with the repetitions. */
  async arrived(texts: () => readonly string[], timeoutMs = 60_000): Promise<number> {
    const missing = (): string[] => {
      const delivered = new Set(texts());
      return this.confirmed.filter((each) => !delivered.has(each));
    };
    await until(
      () => missing().length === 0,
      timeoutMs,
      () => `of ${this.confirmed.length} are missing: ${missing().slice(0, 20)}`,
    );
    return texts().length - new Set(texts()).size;
  }
}
