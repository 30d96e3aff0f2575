import type { Message } from '@millrace/core';
import { eventually } from './eventually';

/** One call of a handler. */
export interface Call<T> {
  readonly payload: T;
  readonly message: Message<T>;
  readonly signal: AbortSignal;
  /** When it began, as `performance.now()`. */
  readonly startedAt: number;
}

/** What a recorder does in a call, once it has written it down. */
export type Behaviour<T> = (payload: T, call: Call<T>) => unknown;

/** A handler that writes down what it gets. Pass its `handle` to `app.sink`, or call it from a decorated method. */
export class Recorder<T> {
  /** Every call, in the order they began; failed ones too. */
  readonly calls: Call<T>[] = [];
  /** Payloads whose call succeeded, in the order the calls ended. */
  readonly handled: T[] = [];
  /** Messages of {@link handled}. */
  readonly messages: Message<T>[] = [];
  /** Calls that go on now, and the most that ever went on at once. */
  running = 0;
  peak = 0;
  readonly #behaviour: Behaviour<T>;
  readonly #timeoutMs: number;

  constructor(behaviour: Behaviour<T>, timeoutMs: number) {
    this.#behaviour = behaviour;
    this.#timeoutMs = timeoutMs;
  }

  readonly handle = async (payload: T, message: Message<T>, signal: AbortSignal): Promise<unknown> => {
    const call: Call<T> = { payload, message, signal, startedAt: performance.now() };
    this.calls.push(call);
    this.running += 1;
    this.peak = Math.max(this.peak, this.running);
    try {
      const result = await this.#behaviour(payload, call);
      this.handled.push(payload);
      this.messages.push(message);
      return result;
    } finally {
      this.running -= 1;
    }
  };

  /** Attempt numbers of the calls, in order. */
  get attempts(): number[] {
    return this.calls.map((call) => call.message.attempt);
  }

  /** Waits until so many calls have succeeded. */
  async until(count: number): Promise<readonly T[]> {
    await this.#reached('handled', count, () => this.handled.length);
    return this.handled;
  }

  /** Waits until so many calls have begun. */
  async untilCalled(count: number): Promise<readonly Call<T>[]> {
    await this.#reached('called', count, () => this.calls.length);
    return this.calls;
  }

  /** The time runs anew whenever there is progress: a busy machine is slow, only what has come to a standstill has failed. */
  async #reached(what: string, count: number, measure: () => number): Promise<void> {
    const assertion = (): void => {
      if (measure() < count) throw new Error(`${what} ${measure()} of ${count}`);
    };
    for (;;) {
      const before = measure();
      try {
        await eventually(assertion, this.#timeoutMs);
        return;
      } catch (error) {
        if (measure() === before) throw error;
      }
    }
  }
}
