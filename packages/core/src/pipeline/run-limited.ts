import { MillraceError } from '../errors/millrace-error';
import { type Limited, type LimitQueue, limitsOf } from './time-limits';

/** Thrown in place of a handler's outcome when the drain deadline has passed; never leaves the pipeline. */
export class Interrupted extends Error {}

/** What is made of an outcome that comes later; what they throw is the outcome then. */
export interface Sequel<T, U> {
  readonly done: (value: T) => U | PromiseLike<U>;
  readonly failed: (error: unknown) => U | PromiseLike<U>;
}

/** How long something may run that runs already. */
export interface RunLimits {
  readonly limitMs: number | false;
  readonly deadline: AbortSignal;
  /** Who it is, for errors. */
  readonly owner: string;
  /** Told why, where it is given up. */
  readonly stop?: { abort(reason: Error): void } | undefined;
}

/**
 * Runs a handler under its time limit. One that is not asynchronous has no limit: what it gives or throws comes at once. For
 * another, settles when the handler does, when the limit is over (HANDLER_TIMEOUT) or when the drain deadline fires
 * ({@link Interrupted}), whichever is first; a handler that goes on after that is ignored, whatever it does. Its signal fires
 * in the last two cases; it is made when the handler asks, because making one costs more than all else here.
 */
export function runLimited<T>(
  run: (signal: () => AbortSignal) => T | PromiseLike<T>,
  limitMs: number | false,
  deadline: AbortSignal,
  owner: string,
): T | Promise<T> {
  const stop = new Stop();
  const result = run(stop.signal);
  return isPromiseLike(result) ? limited(Promise.resolve(result), { limitMs, deadline, owner, stop }) : result;
}

/** Tells a handler that it is to end. */
class Stop {
  #controller: AbortController | undefined;

  readonly signal = (): AbortSignal => this.#own.signal;

  abort(reason: Error): void {
    this.#own.abort(reason);
  }

  get #own(): AbortController {
    this.#controller ??= new AbortController();
    return this.#controller;
  }
}

/**
 * The outcome of what runs already, unless its time is over before. With a sequel it is that of the sequel, as of a `then` on it,
 * without one more promise: there are several of these for every message.
 */
export function limited<T>(outcome: Promise<T>, limits: RunLimits): Promise<T>;
export function limited<T, U>(outcome: Promise<T>, limits: RunLimits, sequel: Sequel<T, U>): Promise<U>;
export function limited<T>(outcome: Promise<T>, limits: RunLimits, sequel?: Sequel<T, T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const running = new LimitedRun(limits, resolve, reject, sequel);
    // Watched even when it is given up at once: what it rejects with later must not end the process.
    outcome.then(
      (value) => running.done(value),
      (error: unknown) => running.failed(error),
    );
    if (limits.deadline.aborted) running.giveUp('deadline');
  });
}

class LimitedRun<T> implements Limited {
  readonly startedAt: number;
  readonly #limits: RunLimits;
  readonly #queue: LimitQueue;
  readonly #resolve: (value: T | PromiseLike<T>) => void;
  readonly #reject: (error: unknown) => void;
  readonly #sequel: Sequel<T, T> | undefined;
  before: Limited | undefined;
  after: Limited | undefined;
  #isOver = false;

  constructor(
    limits: RunLimits,
    resolve: (value: T | PromiseLike<T>) => void,
    reject: (error: unknown) => void,
    sequel: Sequel<T, T> | undefined,
  ) {
    // A look at the clock for every message is dear, and nobody asks where there is no limit.
    this.startedAt = limits.limitMs === false ? 0 : performance.now();
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#sequel = sequel;
    this.#queue = limitsOf(limits.deadline).queue(limits.limitMs);
    this.#queue.enter(this);
  }

  done(value: T): void {
    if (!this.#end()) return;
    try {
      this.#resolve(this.#sequel === undefined ? value : this.#sequel.done(value));
    } catch (error) {
      this.#reject(error);
    }
  }

  failed(error: unknown): void {
    if (!this.#end()) return;
    if (this.#sequel === undefined) {
      this.#reject(error);
      return;
    }
    try {
      this.#resolve(this.#sequel.failed(error));
    } catch (thrown) {
      this.#reject(thrown);
    }
  }

  giveUp(why: 'limit' | 'deadline'): void {
    const { owner, limitMs, stop } = this.#limits;
    const error = why === 'limit' ? timeoutError(owner, limitMs) : interrupted(owner);
    stop?.abort(error);
    this.failed(error);
  }

  /** Whether it was still running. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#queue.leave(this);
    return true;
  }
}

function interrupted(owner: string): Interrupted {
  return new Interrupted(`${owner} was still running at the drain deadline`);
}

function timeoutError(owner: string, limitMs: number | false): MillraceError {
  return new MillraceError('HANDLER_TIMEOUT', `${owner} ran longer than its timeout of ${limitMs} ms`);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === 'function';
}
