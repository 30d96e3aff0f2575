import { finishedWithin, type Logger } from '@millrace/core/spi';
import { bindFailed, isPermanent, isTakenByOther } from '../rabbitmq-errors';
import { backOff } from './back-off';

export interface KeepOpenOptions {
  readonly binding: string;
  /** What is kept open, for logs: `consumer`, `producer`. */
  readonly what: string;
  /** One attempt. With a deadline it is the first, which may give up. */
  readonly open: (deadline?: number) => Promise<void>;
  readonly report: (trouble: Error | undefined) => void;
  readonly reconnect: { readonly initial: number; readonly max: number };
  readonly logger: Logger;
}

const END_LIMIT_MS = 2_000;
/** What lives so long is well: the next trouble begins with no wait. */
const WELL_AFTER_MS = 1_000;

/** Opens something, and again whenever it is said to be broken, with growing pauses, while the health knows. One change at a time. */
export class KeepOpen {
  readonly #options: KeepOpenOptions;
  readonly #ending = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  /** Broken by what happened after the attempt that runs or has succeeded. */
  #isBroken = false;
  #isBusy = false;
  #failures = 0;
  #openedAt = 0;
  #wake: (() => void) | undefined;

  constructor(options: KeepOpenOptions) {
    this.#options = options;
  }

  /** Fires at the end, to end what waits. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get isEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Resolves when it is open; also when it will be as soon as another has gone that keeps the place for itself. */
  async start(startTimeout: number): Promise<void> {
    const { binding, report } = this.#options;
    this.#isBusy = true;
    try {
      await this.inTurn(() => this.#tryUntil(Date.now() + startTimeout));
      if (!this.#isBroken) report(undefined);
    } catch (error) {
      if (!isTakenByOther(error)) throw bindFailed(binding, error);
      this.#isBroken = true;
      this.#tell(error);
    } finally {
      this.#isBusy = false;
    }
    this.#mend();
  }

  /** Opens it without waiting for that, and without a word unless it fails. */
  begin(): void {
    this.#isBroken = true;
    this.#mend();
  }

  /** It is of no more use: opens it anew. */
  readonly broken = (error: unknown): void => {
    if (this.isEnded) return;
    this.#isBroken = true;
    if (Date.now() - this.#openedAt >= WELL_AFTER_MS) this.#failures = 0;
    const { binding, what, logger } = this.#options;
    logger.warn({ binding, err: error }, `the ${what} is interrupted; it is set up again`);
    this.#tell(error);
    this.#mend();
  };

  /** Runs changes one after the other, with the attempts among them. */
  inTurn(change: () => Promise<void>): Promise<void> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when nothing is being opened any more, or soon: an attempt may hang on a broker that has gone silent. */
  async end(): Promise<void> {
    this.#ending.abort();
    this.#wake?.();
    await finishedWithin(this.#last, END_LIMIT_MS);
  }

  async #tryUntil(deadline: number): Promise<void> {
    for (;;) {
      try {
        return await this.#attempt(deadline);
      } catch (error) {
        if (this.isEnded || isPermanent(error) || isTakenByOther(error) || Date.now() >= deadline) throw error;
        this.#failures += 1;
        await this.#rest();
      }
    }
  }

  #mend(): void {
    if (this.#isBusy || !this.#isBroken || this.isEnded) return;
    this.#isBusy = true;
    void this.inTurn(async () => {
      while (this.#isBroken && !this.isEnded) {
        if (this.#failures > 0) await this.#rest();
        this.#failures += 1;
        await this.#attempt().catch((error: unknown) => {
          this.#isBroken = true;
          this.#tell(error);
        });
      }
      this.#isBusy = false;
      if (!this.isEnded) this.#options.report(undefined);
    });
  }

  async #attempt(deadline?: number): Promise<void> {
    this.#isBroken = false;
    if (this.isEnded) return;
    await this.#options.open(deadline);
    this.#openedAt = Date.now();
  }

  #tell(error: unknown): void {
    const { binding, report } = this.#options;
    if (this.isEnded) return;
    report(
      isTakenByOther(error)
        ? new Error(`${binding}: another consumer has the queue for itself; this one waits until it is gone`)
        : bindFailed(binding, error),
    );
  }

  async #rest(): Promise<void> {
    if (this.isEnded) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, backOff(Math.max(0, this.#failures - 1), this.#options.reconnect));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
