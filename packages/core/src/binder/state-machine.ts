import type { BindingState, Events } from '../observe/events';
import type { Logger } from '../observe/logger';

/** Keeps a binding's state and health, tells them, and lets one change happen at a time. */
export class StateMachine {
  readonly #binding: string;
  readonly #direction: 'producer' | 'consumer';
  readonly #events: Events;
  readonly #logger: Logger;
  #state: BindingState = 'idle';
  #trouble: Error | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(binding: string, direction: 'producer' | 'consumer', events: Events, logger: Logger) {
    this.#binding = binding;
    this.#direction = direction;
    this.#events = events;
    this.#logger = logger;
  }

  get state(): BindingState {
    return this.#state;
  }

  get trouble(): Error | undefined {
    return this.#trouble;
  }

  is(...states: readonly BindingState[]): boolean {
    return states.includes(this.#state);
  }

  to(state: BindingState, trouble?: Error): void {
    this.#state = state;
    this.#trouble = trouble;
    this.#logger.info(
      { binding: this.#binding, direction: this.#direction, ...(trouble && { err: trouble }) },
      `binding ${state}`,
    );
    this.#tell();
  }

  /** A binding that could not be opened is stopped by whoever no longer wants it. */
  giveUp(): void {
    if (this.#state === 'failed') this.to('stopped');
  }

  /** An error while something is wrong, `undefined` when it is well again. Repetitions are not told. */
  readonly report = (trouble: Error | undefined): void => {
    if (trouble?.message === this.#trouble?.message) return;
    this.#trouble = trouble;
    const facts = { binding: this.#binding, direction: this.#direction };
    if (trouble === undefined) this.#logger.info(facts, 'binding well again');
    else this.#logger.error({ ...facts, err: trouble }, 'binding in trouble');
    this.#tell();
  };

  /** Runs changes one after the other, so that start, stop and pause never overlap. */
  inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #tell(): void {
    if (!this.#events.listens('binding')) return;
    this.#events.emit('binding', {
      binding: this.#binding,
      direction: this.#direction,
      state: this.#state,
      trouble: this.#trouble,
    });
  }
}
