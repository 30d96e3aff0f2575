import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { UnitOfWork } from '../binder/record';
import { MillraceError } from '../errors/millrace-error';
import { type Output, writeOutputs } from '../inbox/kept-outputs';
import type { Message } from '../message/message';
import { allSent } from './all-sent';

/** What a handler has sent and what is not on its way yet. */
export interface HeldOutput extends Output {
  send(): Promise<void>;
}

/** One attempt of a handler: what is sent inside it belongs to its message. */
export class Attempt {
  /** The message being handled; `undefined` for a batch, whose outputs have no single cause. */
  readonly message: Message<unknown> | undefined;
  /** What its outputs are part of; only under `exactlyOnce`. */
  readonly unitOfWork: UnitOfWork | undefined;
  readonly #outbox: HeldOutput[] | undefined;
  #ended = false;

  constructor(message: Message<unknown> | undefined, outputs: 'immediate' | 'afterSuccess', unitOfWork?: UnitOfWork) {
    this.message = message;
    this.unitOfWork = unitOfWork;
    this.#outbox = outputs === 'afterSuccess' ? [] : undefined;
  }

  /** Whether sends wait for the success of the attempt. */
  get holdsOutputs(): boolean {
    return this.#outbox !== undefined;
  }

  /** Keeps an output for later. @throws MillraceError APPLICATION_STATE when the attempt is over: its outputs have gone out, or never will */
  hold(output: HeldOutput): void {
    if (this.#ended)
      throw new MillraceError(
        'APPLICATION_STATE',
        'the attempt this send belongs to is over; nothing was sent. Await every send inside the handler',
      );
    this.#outbox?.push(output);
  }

  /** Takes no more outputs. What is held as text, or nothing where nothing is. */
  seal(): string | undefined {
    this.#ended = true;
    return this.#outbox === undefined || this.#outbox.length === 0 ? undefined : writeOutputs(this.#outbox);
  }

  /** Takes no more outputs. What is held, for somebody else to send. */
  handOver(): readonly Output[] {
    this.#ended = true;
    return (this.#outbox ?? []).map(({ channel, destination, record }) => ({ channel, destination, record }));
  }

  /** Sends what was held, at once and in order; rejects with the first refusal when all are settled. */
  release(): Promise<void> | undefined {
    this.#ended = true;
    return this.#outbox && allSent(this.#outbox.map((output) => output.send()));
  }

  end(): void {
    this.#ended = true;
  }
}

/**
 * Knows whose attempt runs. Carried through everything that a handler calls and awaits, as soon as there is code that could ask: the
 * asynchronous context costs every promise of the process a tenth of its time before Node.js 24. One per application.
 */
export class MessageContext {
  readonly #storage = new AsyncLocalStorage<Attempt>();
  /** Of what runs at this moment and is done when it returns. */
  #atOnce: Attempt | undefined;
  #isAskable = false;

  /** Called before code of the user has something to send with. */
  open(): void {
    this.#isAskable = true;
  }

  /**
   * In a resource of its own, so that what a handler enters into its asynchronous context does not reach the next attempt.
   *
   * @param isAtOnce whether it asks for nothing any more when it has returned
   */
  run<T>(attempt: Attempt, work: () => T, isAtOnce = false): T {
    return new AsyncResource('MillraceAttempt').runInAsyncScope(() => this.enter(attempt, work, isAtOnce));
  }

  /** The same for work that is Millrace's own. */
  enter<T>(attempt: Attempt, work: () => T, isAtOnce = false): T {
    return isAtOnce && !this.#isAskable
      ? this.#during(attempt, work)
      : this.#during(undefined, () => this.#storage.run(attempt, work));
  }

  get current(): Attempt | undefined {
    return this.#atOnce ?? this.#storage.getStore();
  }

  #during<T>(attempt: Attempt | undefined, work: () => T): T {
    const before = this.#atOnce;
    this.#atOnce = attempt;
    try {
      return work();
    } finally {
      this.#atOnce = before;
    }
  }
}
