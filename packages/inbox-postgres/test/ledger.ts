import { randomUUID } from 'node:crypto';
import type { Logger } from '@millrace/core';
import { Pool } from 'pg';

const nothing = (): void => undefined;
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A schema of the test's own, with a table that handlers write to. */
export class Ledger {
  readonly schema = `test_${randomUUID().replaceAll('-', '')}`;
  readonly pool: Pool;
  readonly #pools: Pool[] = [];

  private constructor(readonly url: string) {
    this.pool = this.newPool();
  }

  static async create(url: string): Promise<Ledger> {
    const ledger = new Ledger(url);
    await ledger.pool.query(`CREATE SCHEMA ${ledger.schema}`);
    await ledger.pool.query(`CREATE TABLE ${ledger.schema}.postings (id text NOT NULL, by text)`);
    return ledger;
  }

  /** Another one, as another instance of the application has it. Ended with the ledger. */
  newPool(more: ConstructorParameters<typeof Pool>[0] = {}): Pool {
    const pool = new Pool({ connectionString: this.url, max: 10, ...more });
    // Tests that cut connections do so on purpose.
    pool.on('error', nothing);
    this.#pools.push(pool);
    return pool;
  }

  get insert(): string {
    return `INSERT INTO ${this.schema}.postings (id, by) VALUES ($1, $2)`;
  }

  /** Ids in the order of the alphabet. */
  async postings(): Promise<string[]> {
    const { rows } = await this.pool.query<{ id: string }>(`SELECT id FROM ${this.schema}.postings ORDER BY id`);
    return rows.map(({ id }) => id);
  }

  async marks(): Promise<{ consumer: string; message_id: string; outputs: string | null }[]> {
    const { rows } = await this.pool.query(
      `SELECT consumer, message_id, outputs FROM ${this.schema}.millrace_inbox ORDER BY message_id`,
    );
    return rows as { consumer: string; message_id: string; outputs: string | null }[];
  }

  async drop(): Promise<void> {
    await this.pool.query(`DROP SCHEMA ${this.schema} CASCADE`).catch(nothing);
    await Promise.all(this.#pools.map((pool) => pool.end()));
  }
}
