import type { ClientBase, Pool, PoolClient, QueryResult } from 'pg';

/** What the server warns of when there is nothing to commit. */
const NO_TRANSACTION = '25P01';

/** A connection of the pool, for one attempt. It goes back to the pool when its transaction has ended, and is closed otherwise. */
export class InboxTransaction {
  readonly #client: PoolClient;
  readonly #onError = (): void => undefined;
  #isGone = false;

  private constructor(client: PoolClient) {
    this.#client = client;
    // A connection that is lost while no statement runs tells it by an event; without a listener it would end the process.
    client.on('error', this.#onError);
  }

  /** Rejects when the signal fires while it waits for a connection; the connection that comes then goes back unused. */
  static async begin(pool: Pool, signal: AbortSignal): Promise<InboxTransaction> {
    signal.throwIfAborted();
    const connecting = pool.connect();
    const client = await unlessAborted(connecting, signal).catch((error: unknown) => {
      connecting.then(
        (late) => late.release(),
        () => undefined,
      );
      throw error;
    });
    const transaction = new InboxTransaction(client);
    try {
      await transaction.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      return transaction;
    } catch (error) {
      transaction.close();
      throw error;
    }
  }

  /** What the handler gets. */
  get client(): ClientBase {
    return this.#client;
  }

  query(text: string, values: unknown[] = []): Promise<QueryResult> {
    return this.#client.query(text, values);
  }

  /** @throws Error when the transaction does not take effect, for whatever reason */
  async commit(): Promise<void> {
    let isEndedBefore = false;
    const onNotice = ({ code }: { readonly code?: string | undefined }): void => {
      isEndedBefore ||= code === NO_TRANSACTION;
    };
    this.#client.on('notice', onNotice);
    const { command } = await this.query('COMMIT').finally(() => this.#client.off('notice', onNotice));
    if (isEndedBefore)
      throw new Error(
        'the handler has ended the transaction itself, with COMMIT or ROLLBACK; let it use savepoints instead',
      );
    // Where a statement has failed, COMMIT rolls back, and calls that no error.
    if (command !== 'COMMIT')
      throw new Error(
        'a statement of the transaction had failed, and the handler went on without it; nothing was kept',
      );
    this.#release(false);
  }

  /** Undoes what was done. The connection is closed when that fails too. */
  async rollback(): Promise<void> {
    try {
      await this.query('ROLLBACK');
      this.#release(false);
    } catch {
      this.close();
    }
  }

  /** Ends the connection, and so the transaction, whatever state it is in: what still runs on it fails. Harmless when called again. */
  close(): void {
    this.#release(true);
  }

  #release(isBroken: boolean): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#client.release(isBroken);
    if (!isBroken) this.#client.off('error', this.#onError);
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => signal.removeEventListener('abort', onAbort);
    promise.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}
