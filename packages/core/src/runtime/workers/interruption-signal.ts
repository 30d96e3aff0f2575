import { MillraceError } from '../../errors/millrace-error';
import { interruptions } from './worker-messages';

const nativeAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')?.get as (
  this: AbortSignal,
) => boolean;

/**
 * The signal of a handler in a worker thread. A handler that computes lets no event in, so the signal looks at the memory it
 * shares with the main thread whenever it is asked: `while (!signal.aborted)` ends. Listeners hear of it when the thread is
 * told to {@link look}.
 */
export class InterruptionSignal {
  readonly #interruption: Int32Array;
  readonly #reasonOf: (code: number) => Error;
  #controller: AbortController | undefined;

  constructor(interruption: Int32Array, owner: string, timeout: number | false) {
    this.#interruption = interruption;
    this.#reasonOf = (code) =>
      code === interruptions.timeout
        ? new MillraceError('HANDLER_TIMEOUT', `${owner} ran longer than its timeout of ${timeout} ms`)
        : new MillraceError('APPLICATION_STOPPED', `${owner} was still running at the drain deadline`);
  }

  /** Made when it is asked for. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#watch(this.#controller.signal);
    }
    this.look();
    return this.#controller.signal;
  }

  look(): void {
    const code = Atomics.load(this.#interruption, 0);
    const controller = this.#controller;
    if (code === interruptions.none || controller === undefined || nativeAborted.call(controller.signal)) return;
    controller.abort(this.#reasonOf(code));
  }

  #watch(signal: AbortSignal): void {
    Object.defineProperties(signal, {
      aborted: {
        get: () => {
          this.look();
          return nativeAborted.call(signal);
        },
      },
      throwIfAborted: {
        value: () => {
          this.look();
          AbortSignal.prototype.throwIfAborted.call(signal);
        },
      },
    });
  }
}
