import type { Logger } from '@millrace/core';
import type { Pool } from 'pg';

export interface CleanUpParts {
  readonly pool: Pool;
  /** As it stands in statements. */
  readonly table: string;
  readonly everyMs: number;
  readonly batch: number;
  readonly logger: Logger;
}

/** Deletes marks whose window has passed, now and then and few at a time. Marks with outputs that are not sent stay. */
export class CleanUp {
  readonly #parts: CleanUpParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #isEnded = false;

  constructor(parts: CleanUpParts) {
    this.#parts = parts;
    this.#schedule();
  }

  /** Resolves when no statement of it runs any more. */
  async end(): Promise<void> {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(): void {
    if (this.#isEnded) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => this.#schedule());
    }, this.#parts.everyMs);
    // Nobody has to stay for it.
    this.#timer.unref();
  }

  async #run(): Promise<void> {
    const { logger, table, batch } = this.#parts;
    try {
      let deleted: number;
      do deleted = await this.#deleteSome();
      while (deleted === batch && !this.#isEnded);
    } catch (error) {
      logger.warn({ table, err: error }, 'marks of the inbox could not be cleaned up; the next time comes');
    }
  }

  /** Several instances clean up side by side: none waits for rows that another one has in hand. */
  async #deleteSome(): Promise<number> {
    const { pool, table, batch } = this.#parts;
    const { rowCount } = await pool.query(
      `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM ${table} WHERE expires_at <= now() AND outputs IS NULL LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [batch],
    );
    return rowCount ?? 0;
  }
}
