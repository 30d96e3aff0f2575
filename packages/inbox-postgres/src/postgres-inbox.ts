import { AsyncLocalStorage } from 'node:async_hooks';
import { type Inbox, type InboxAnswer, type InboxContext, type InboxEntry, MillraceError } from '@millrace/core';
import { type ClientBase, Pool } from 'pg';
import { CleanUp } from './clean-up';
import { checkTable, createTable, inboxTable, isMissingTable, tableName } from './inbox-table';
import { InboxTransaction } from './inbox-transaction';
import {
  type PostgresInboxOptions,
  type PostgresInboxSettings,
  parsePostgresInboxOptions,
} from './postgres-inbox-options';

/** What is there while it is open. */
interface Opened {
  readonly pool: Pool;
  readonly cleanUp: CleanUp | undefined;
}

/**
 * Remembers in a table of PostgreSQL what idempotent sinks have handled. The mark of a message is the first statement of a
 * transaction, in which the handler does its work, too: mark and work are there together, or neither is. Of two instances
 * that handle one message at once, the second waits at the mark until the first has committed or rolled back.
 *
 * ```ts
 * const inbox = new PostgresInbox({ pool });
 * container.bind(PostgresInbox).toConstantValue(inbox);
 * await Millrace.run({ components: [Ledger], container, inbox });
 * ```
 */
export class PostgresInbox implements Inbox {
  readonly #settings: PostgresInboxSettings;
  readonly #table: string;
  readonly #current = new AsyncLocalStorage<InboxTransaction>();
  readonly #onIdleError = (error: Error): void => {
    this.#context?.logger.warn({ err: error }, 'the inbox lost a connection that was idle');
  };
  #context: InboxContext | undefined;
  #opened: Opened | undefined;

  /** @throws MillraceError CONFIGURATION_INVALID */
  constructor(options: PostgresInboxOptions) {
    this.#settings = parsePostgresInboxOptions(options);
    this.#table = tableName(this.#settings);
  }

  /**
   * The transaction of the message that is being handled, for the statements of the handler and of all it calls. It begins,
   * commits and rolls back by itself: use savepoints where a part may fail.
   *
   * @throws MillraceError APPLICATION_STATE outside of an idempotent sink
   */
  get transaction(): ClientBase {
    const transaction = this.#current.getStore();
    if (transaction !== undefined) return transaction.client;
    throw new MillraceError(
      'APPLICATION_STATE',
      'there is no transaction of the inbox here: it is there inside the handler of a sink with `idempotent`, and in what the handler calls and awaits',
    );
  }

  async open(context: InboxContext): Promise<void> {
    if (this.#opened !== undefined) return;
    this.#context = context;
    const { pool: given, connectionString, maxConnections, cleanUpEvery, cleanUpBatch } = this.#settings;
    const pool = given ?? new Pool({ connectionString, max: maxConnections, application_name: context.app });
    pool.on('error', this.#onIdleError);
    try {
      await this.#provision(pool);
    } catch (error) {
      await this.#letGo(pool);
      throw error;
    }
    const parts = { pool, table: this.#table, batch: cleanUpBatch, logger: context.logger };
    this.#opened = {
      pool,
      cleanUp: cleanUpEvery === false ? undefined : new CleanUp({ ...parts, everyMs: cleanUpEvery }),
    };
  }

  async once(entry: InboxEntry, work: () => Promise<string | undefined>, signal: AbortSignal): Promise<InboxAnswer> {
    const transaction = await InboxTransaction.begin(this.#pool(), signal);
    const giveUp = (): void => transaction.close();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      if (!(await this.#mark(transaction, entry))) {
        const outputs = await this.#keptOutputs(transaction, entry);
        await transaction.rollback();
        return { isDuplicate: true, outputs };
      }
      const outputs = await this.#current.run(transaction, work);
      if (outputs !== undefined) await this.#keep(transaction, entry, outputs);
      signal.throwIfAborted();
      await transaction.commit();
      return { isDuplicate: false, outputs };
    } catch (error) {
      await transaction.rollback();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  async sent({ consumer, messageId }: InboxEntry): Promise<void> {
    await this.#pool().query(`UPDATE ${this.#table} SET outputs = NULL WHERE consumer = $1 AND message_id = $2`, [
      consumer,
      messageId,
    ]);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    if (opened === undefined) return;
    await opened.cleanUp?.end();
    await this.#letGo(opened.pool);
  }

  async #provision(pool: Pool): Promise<void> {
    const client = await pool.connect();
    const onError = (): void => undefined;
    client.on('error', onError);
    try {
      await checkTable(client, this.#settings).catch(async (error: unknown) => {
        if (!isMissingTable(error)) throw error;
        if (!this.#settings.createTable)
          throw new Error(`there is no table ${this.#table}; create it with:\n${inboxTable(this.#settings)}`);
        await createTable(client, this.#settings);
        await checkTable(client, this.#settings);
      });
      client.off('error', onError);
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** Whether the message is this transaction's to handle. Waits for another one that has marked it and has not ended. */
  async #mark(transaction: InboxTransaction, { consumer, messageId, windowMs }: InboxEntry): Promise<boolean> {
    const { rowCount } = await transaction.query(
      `INSERT INTO ${this.#table} AS mark (consumer, message_id, handled_at, expires_at)
       VALUES ($1, $2, now(), now() + $3 * interval '1 millisecond')
       ON CONFLICT (consumer, message_id) DO UPDATE SET handled_at = excluded.handled_at, expires_at = excluded.expires_at
       WHERE mark.expires_at <= now() AND mark.outputs IS NULL`,
      [consumer, messageId, windowMs],
    );
    return rowCount === 1;
  }

  async #keptOutputs(transaction: InboxTransaction, { consumer, messageId }: InboxEntry): Promise<string | undefined> {
    const { rows } = await transaction.query(
      `SELECT outputs FROM ${this.#table} WHERE consumer = $1 AND message_id = $2`,
      [consumer, messageId],
    );
    return (rows as readonly { readonly outputs: string | null }[])[0]?.outputs ?? undefined;
  }

  async #keep(transaction: InboxTransaction, { consumer, messageId }: InboxEntry, outputs: string): Promise<void> {
    await transaction.query(`UPDATE ${this.#table} SET outputs = $3 WHERE consumer = $1 AND message_id = $2`, [
      consumer,
      messageId,
      outputs,
    ]);
  }

  #pool(): Pool {
    if (this.#opened !== undefined) return this.#opened.pool;
    throw new MillraceError(
      'APPLICATION_STATE',
      'the inbox is not open: its application is not started or has stopped',
    );
  }

  /** A pool that was given stays its owner's. */
  async #letGo(pool: Pool): Promise<void> {
    if (this.#settings.pool === undefined) await pool.end();
    pool.off('error', this.#onIdleError);
  }
}
