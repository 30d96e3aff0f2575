import { BroadcastChannel, type TransferListItem, type Worker } from 'node:worker_threads';
import type * as PiscinaPackage from 'piscina';
import { optionalPackage } from '../../config/optional-package';
import { describeError } from '../../errors/describe-error';
import { MillraceError } from '../../errors/millrace-error';
import { within } from '../../time/within';
import type { WorkerAnswer, WorkerCall, WorkerRequest, WorkerSetup } from './worker-messages';
import type { WorkerOptions } from './worker-options';

type Piscina = PiscinaPackage.Piscina<WorkerRequest, WorkerAnswer>;

/** What a thread may take to let go of what it has, before it is ended. */
const END_LIMIT_MS = 1_000;

export interface ThreadPoolParts {
  readonly threads: number;
  readonly setup: WorkerSetup;
  readonly options: WorkerOptions;
  /** Told of each thread that has ended and was not asked to. */
  readonly lost: (error: Error) => void;
}

/** The one file that knows the pool's library. Threads of one binding; each has one request at a time. */
export class ThreadPool {
  readonly #pool: Piscina;
  readonly #threads: number;
  readonly #calls: BroadcastChannel;
  readonly #ready = new Set<Worker>();
  /** Why threads have ended by themselves, until somebody is told. */
  readonly #reasons: Error[] = [];
  /** Why a thread is ended just now. */
  #killing: Error | undefined;
  readonly #refusals = new Set<(error: Error) => void>();
  readonly #waiting: (() => void)[] = [];
  #lost = 0;
  #isClosing = false;

  constructor({ threads, setup, options, lost }: ThreadPoolParts) {
    this.#threads = threads;
    this.#calls = new BroadcastChannel(setup.calls);
    this.#calls.unref();
    const { execArgv, resourceLimits } = options;
    const { Piscina } = loadPiscina();
    this.#pool = new Piscina<WorkerRequest, WorkerAnswer>({
      filename: require.resolve('./worker-entry'),
      name: 'handle',
      minThreads: threads,
      maxThreads: threads,
      // Otherwise a thread sleeps between messages, and connections and timers of its components with it.
      atomics: 'disabled',
      recordTiming: false,
      workerData: setup,
      ...(execArgv && { execArgv: [...execArgv] }),
      ...(resourceLimits && { resourceLimits }),
    });
    this.#pool.on('workerCreate', ({ id }: { readonly id: number }) => {
      const thread = this.#pool.threads.find(({ threadId }) => threadId === id);
      if (thread !== undefined) this.#ready.add(thread);
      this.#tellFree();
    });
    this.#pool.on('error', (error: Error) => this.#reasons.push(error));
    this.#pool.on('workerDestroy', () => {
      if (this.#isClosing) return;
      this.#lost += 1;
      const killed = this.#killing;
      // The library tells why a thread has ended when it has, to its request or as an error.
      setImmediate(() => lost(this.#afterEnd(killed)));
    });
  }

  /** Threads that are set up and alive. */
  get running(): number {
    const alive = this.#pool.threads;
    for (const thread of this.#ready) if (!alive.includes(thread)) this.#ready.delete(thread);
    return this.#ready.size;
  }

  get lost(): number {
    return this.#lost;
  }

  /**
   * Hands a request to a thread that has none.
   *
   * @param until its thread is ended when it fires
   * @throws MillraceError WORKER_LOST when the thread has ended
   */
  async ask(
    request: WorkerRequest,
    transferred: readonly TransferListItem[],
    until?: AbortSignal,
  ): Promise<WorkerAnswer> {
    const { promise: refused, refuse } = refusal();
    this.#refusals.add(refuse);
    try {
      const options = { transferList: [...transferred], signal: until ?? null };
      return await Promise.race([
        this.#pool.run(request, options).catch((error: Error) => this.#ended(error, until)),
        refused,
      ]);
    } finally {
      this.#refusals.delete(refuse);
      this.#tellFree();
    }
  }

  /** Ends the thread of a request, whatever it does. */
  kill(request: AbortController, reason: Error): void {
    this.#killing = reason;
    request.abort(reason);
    this.#killing = undefined;
  }

  /** Resolves when a thread has nothing to do; `undefined` where one has nothing now. */
  free(): Promise<void> | undefined {
    return this.#isFree() ? undefined : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** To all threads. */
  call(call: WorkerCall): void {
    this.#calls.postMessage(call);
  }

  /** Ends threads that could not be set up, so that others take their place; resolves when one has ended. */
  async retire(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#pool.once('workerDestroy', () => resolve()));
    this.call('leave');
    await within(ended, END_LIMIT_MS);
  }

  /** Lets threads without a request let go of what they have, then ends them all. */
  async close(): Promise<void> {
    this.#isClosing = true;
    const ends = Array.from({ length: this.running - this.#refusals.size }, () =>
      this.ask({ kind: 'end' }, []).catch(() => undefined),
    );
    await within(Promise.all(ends), END_LIMIT_MS);
    await this.#pool.destroy();
    this.#calls.close();
  }

  #isFree(): boolean {
    const isShort = this.#pool.threads.length < this.#threads;
    return this.#isClosing || isShort || this.running > this.#refusals.size;
  }

  #tellFree(): void {
    if (this.#waiting.length > 0 && this.#isFree()) for (const wake of this.#waiting.splice(0)) wake();
  }

  #ended(error: Error, until: AbortSignal | undefined): never {
    if (until?.aborted === true) throw lostError(until.reason as Error);
    if (!this.#isClosing) this.#reasons.push(error);
    throw lostError(error);
  }

  /** Why the thread has ended. */
  #afterEnd(killed: Error | undefined): Error {
    const error = killed ?? this.#reasons.shift() ?? new Error('it ended by itself');
    // The library does not replace threads that end while they are set up: nobody would take what waits.
    if (this.#pool.threads.length === 0) for (const refuse of this.#refusals) refuse(lostError(error));
    this.#tellFree();
    return error;
  }
}

function lostError(cause: Error): MillraceError {
  const reason = describeError(cause).message;
  return new MillraceError('WORKER_LOST', `the worker thread that had the message has ended: ${reason}`, { cause });
}

function refusal(): { readonly promise: Promise<never>; readonly refuse: (error: Error) => void } {
  let refuse: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    refuse = reject;
  });
  return { promise, refuse };
}

/** @throws MillraceError CONFIGURATION_INVALID naming the package to install */
export function loadPiscina(load: (name: string) => unknown = require): typeof PiscinaPackage {
  return optionalPackage({ need: 'a sink with workers', name: 'piscina', version: 5, load }) as typeof PiscinaPackage;
}
