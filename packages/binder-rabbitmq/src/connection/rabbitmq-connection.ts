import type { Logger } from '@millrace/core/spi';
import { bindFailed, isPermanent } from '../rabbitmq-errors';
import type { ConnectionPort, ConnectionSettings, RabbitmqPort } from '../rabbitmq-port';
import { backOff } from './back-off';

export interface ConnectionOptions {
  /** What it is for, in logs: `publishing`, `consuming`. */
  readonly purpose: string;
  readonly port: RabbitmqPort;
  /** One entry for each node; asked before each round. */
  readonly settings: () => Promise<readonly ConnectionSettings[]>;
  readonly reconnect: { readonly initial: number; readonly max: number };
  readonly logger: Logger;
}

/** Who lives by the connection. */
export interface ConnectionWatcher {
  lost?(error: Error): void;
  /** The broker takes nothing more, and why; `undefined` when it does again. */
  blocked?(reason: string | undefined): void;
}

export interface OpenOptions {
  /** When to give up, as `Date.now()` has it; what no repetition mends is given up at once. Default: never. */
  readonly deadline?: number | undefined;
  /** Told of every failed attempt that is going to be repeated. */
  readonly failed?: (error: Error) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

interface Waiter extends OpenOptions {
  resolve(connection: ConnectionPort): void;
  reject(error: Error): void;
}

/** One that lives so long was well: the next loss begins with the shortest wait. */
const WELL_AFTER_MS = 1_000;
const CLOSE_LIMIT_MS = 2_000;

/**
 * One connection for many bindings, opened when first wanted and again after each loss, as long as somebody waits for it. What
 * was on it is gone then: channels, consumers, exclusive queues and unconfirmed messages are their owners' to restore.
 */
export class RabbitmqConnection {
  readonly #options: ConnectionOptions;
  readonly #watchers = new Set<ConnectionWatcher>();
  readonly #waiters = new Set<Waiter>();
  #current: ConnectionPort | undefined;
  #openedAt = 0;
  #failures = 0;
  #node = 0;
  #isOpening = false;
  #isClosed = false;
  #blocked: string | undefined;
  #wake: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The connection, where there is one just now. */
  get current(): ConnectionPort | undefined {
    return this.#current;
  }

  /** Why the broker takes nothing just now. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Calls the watcher until the returned function is called. */
  watch(watcher: ConnectionWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Resolves with the connection when there is one. */
  open(options: OpenOptions = {}): Promise<ConnectionPort> {
    if (this.#current !== undefined) return Promise.resolve(this.#current);
    if (this.#isClosed || options.signal?.aborted) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { ...options, resolve, reject };
      this.#waiters.add(waiter);
      options.signal?.addEventListener('abort', () => this.#giveUp(waiter, new Error('no longer wanted')), {
        once: true,
      });
      if (!this.#isOpening) void this.#keepTrying();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watchers.clear();
    for (const waiter of [...this.#waiters]) this.#giveUp(waiter, new Error('the connection is closed'));
    this.#wake?.();
    const connection = this.#current;
    this.#current = undefined;
    await connection?.close(CLOSE_LIMIT_MS);
  }

  async #keepTrying(): Promise<void> {
    this.#isOpening = true;
    while (this.#waiters.size > 0 && !this.#isClosed) {
      if (this.#failures > 0) await this.#rest();
      if (this.#waiters.size === 0 || this.#isClosed) break;
      try {
        // With it nobody waits any more; unless it is lost already.
        await this.#connect();
      } catch (error) {
        this.#failures += 1;
        this.#failed(error as Error);
      }
    }
    this.#isOpening = false;
  }

  /** Asks the nodes in turn, beginning behind the one that failed last. */
  async #connect(): Promise<void> {
    const all = await this.#options.settings();
    let failure: unknown;
    for (let tries = 0; tries < all.length && !this.#isClosed; tries += 1) {
      const settings = all[this.#node % all.length] as ConnectionSettings;
      try {
        await this.#connectTo(settings);
        return;
      } catch (error) {
        failure = error;
        this.#node += 1;
      }
    }
    throw failure ?? new Error('the connection is closed');
  }

  async #connectTo(settings: ConnectionSettings): Promise<void> {
    const connection: ConnectionPort = await this.#options.port.connect(settings, {
      blocked: (reason) => this.#tellBlocked(reason),
      lost: (error) => this.#lost(connection, error),
    });
    if (this.#isClosed) {
      await connection.close(CLOSE_LIMIT_MS);
      throw new Error('the connection is closed');
    }
    this.#current = connection;
    this.#openedAt = Date.now();
    for (const waiter of this.#waiters) waiter.resolve(connection);
    this.#waiters.clear();
  }

  #lost(connection: ConnectionPort, error: Error): void {
    if (this.#current !== connection) return;
    this.#current = undefined;
    this.#failures = Date.now() - this.#openedAt < WELL_AFTER_MS ? this.#failures + 1 : 1;
    this.#node += 1;
    if (this.#blocked !== undefined) this.#tellBlocked(undefined);
    const { purpose, logger } = this.#options;
    logger.warn({ connection: purpose, err: error }, 'the connection is lost; it is opened again');
    for (const watcher of [...this.#watchers]) watcher.lost?.(error);
  }

  #failed(error: Error): void {
    const isInVain = isPermanent(error);
    for (const waiter of [...this.#waiters]) {
      const { deadline } = waiter;
      if (deadline !== undefined && (isInVain || Date.now() >= deadline)) this.#giveUp(waiter, error);
      else waiter.failed?.(bindFailed('connection', error));
    }
    this.#options.logger.debug({ connection: this.#options.purpose, err: error }, 'no connection yet');
  }

  #giveUp(waiter: Waiter, error: Error): void {
    if (!this.#waiters.delete(waiter)) return;
    waiter.reject(error);
    if (this.#waiters.size === 0) this.#wake?.();
  }

  #tellBlocked(reason: string | undefined): void {
    this.#blocked = reason;
    for (const watcher of [...this.#watchers]) watcher.blocked?.(reason);
  }

  /** Waits; no longer than to the earliest deadline of those who wait, who then have one last try. */
  async #rest(): Promise<void> {
    const { reconnect } = this.#options;
    const deadlines = [...this.#waiters].map(({ deadline }) => (deadline ?? Number.POSITIVE_INFINITY) - Date.now());
    const ms = Math.max(0, Math.min(backOff(this.#failures - 1, reconnect), ...deadlines));
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}
