import type { Middleware } from '@millrace/core';

/** Counts the sends that are not acknowledged yet, from before they are encoded. */
export class OpenSends {
  readonly #open = new Map<string, number>();
  readonly #moved: () => void;

  /** @param moved told whenever a send has ended */
  constructor(moved: () => void) {
    this.#moved = moved;
  }

  /** Outermost of the application's middleware. Sends that an attempt holds back are counted with its delivery. */
  readonly middleware: Middleware = {
    name: '@millrace/testing',
    outbound: (message, { binding }, next) => this.during(binding, () => next(message)),
  };

  async during<T>(name: string, send: () => Promise<T>): Promise<T> {
    this.#add(name, 1);
    try {
      return await send();
    } finally {
      this.#add(name, -1);
      this.#moved();
    }
  }

  /** A sentence for each name with open sends. */
  busy(): string[] {
    return [...this.#open].map(([name, count]) => `${name}: ${count} not acknowledged yet`);
  }

  #add(name: string, change: number): void {
    const count = (this.#open.get(name) ?? 0) + change;
    if (count === 0) this.#open.delete(name);
    else this.#open.set(name, count);
  }
}
