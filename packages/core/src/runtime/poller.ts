import type { Source } from '../decorators/source';
import type { Events } from '../observe/events';
import type { Logger } from '../observe/logger';
import { MAX_DURATION_MS, parseDuration } from '../time/duration';
import { nextPollIn } from './poll-schedule';
import { publishAll } from './sink-route';
import type { PollWiring } from './wiring';

export interface PollerParts {
  readonly wiring: PollWiring;
  /** The component's method, bound to its instance. */
  readonly call: () => unknown;
  readonly output: Source<unknown>;
  readonly events: Events;
  readonly logger: Logger;
}

/** Calls a polled source on its schedule and publishes what it returns. Polls never overlap; a poll that fails is told, and the next comes in its time. */
export class Poller {
  readonly #parts: PollerParts;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  start(): void {
    const { initialDelay } = this.#parts.wiring.poll;
    this.#schedule(initialDelay === undefined ? this.#wait() : (parseDuration(initialDelay) ?? 0));
  }

  /** Resolves when the poll that runs, if any, is through. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#polling;
  }

  #wait(): number {
    return nextPollIn(this.#parts.wiring.poll);
  }

  #schedule(waitMs: number): void {
    if (this.#stopped) return;
    const isReachable = waitMs <= MAX_DURATION_MS;
    this.#timer = setTimeout(
      () => {
        if (!isReachable) return this.#schedule(this.#wait());
        this.#polling = this.#poll().finally(() => this.#schedule(this.#wait()));
      },
      Math.min(waitMs, MAX_DURATION_MS),
    );
  }

  async #poll(): Promise<void> {
    const { wiring, call, output, events, logger } = this.#parts;
    let failure: unknown;
    try {
      for (let calls = 0; calls < (wiring.poll.maxPerPoll ?? 1) && !this.#stopped; calls += 1) {
        const result = await call();
        if (result === undefined || result === null || (Array.isArray(result) && result.length === 0)) break;
        await publishAll(result, undefined, output);
      }
    } catch (error) {
      failure = error;
      logger.error({ source: wiring.owner, err: error }, 'a poll failed; the next one comes in its time');
    }
    if (events.listens('poll')) events.emit('poll', { source: wiring.owner, error: failure });
  }
}
