import type { BindingState, Events } from '../observe/events';
import type { Logger } from '../observe/logger';

/** Keeps a binding's state and health, tells them, and lets one change happen at a time. */
export class StateMachine {
  readonly #binding: string;
  readonly #direction: 'producer' | 'consumer';
  readonly #events: Events;
  readonly #logger: Logger;
  #state: BindingState = 'idle';
  /** By whoever reports it, so that one who is well again does not hide what is wrong elsewhere. */
  #troubles = new Map<object, Error>();
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

  /** What is wrong just now; of several troubles the one that came first. */
  get trouble(): Error | undefined {
    const [first] = this.#troubles.values();
    return first;
  }

  is(...states: readonly BindingState[]): boolean {
    return states.includes(this.#state);
  }

  /** @param failure why it has come to that state; troubles of the time before are forgotten with `starting` and `stopped` */
  to(state: BindingState, failure?: Error): void {
    this.#state = state;
    if (state === 'starting' || state === 'stopped') this.#troubles = new Map();
    if (failure !== undefined) this.#troubles.set(this, failure);
    const { trouble } = this;
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

  /**
   * For one reporter, from now until the next start: an error while something is wrong, `undefined` when it is well again.
   * Repetitions are not told.
   */
  reporter(): (trouble: Error | undefined) => void {
    const source = {};
    const troubles = this.#troubles;
    return (trouble) => {
      if (troubles !== this.#troubles || trouble?.message === troubles.get(source)?.message) return;
      troubles.delete(source);
      if (trouble !== undefined) troubles.set(source, trouble);
      const facts = { binding: this.#binding, direction: this.#direction };
      if (trouble !== undefined) this.#logger.error({ ...facts, err: trouble }, 'binding in trouble');
      else if (troubles.size === 0) this.#logger.info(facts, 'binding well again');
      this.#tell();
    };
  }

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
      trouble: this.trouble,
    });
  }
}
