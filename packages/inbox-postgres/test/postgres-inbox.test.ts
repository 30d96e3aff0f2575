import { randomUUID } from 'node:crypto';
import { brokerOrSkip } from '@millrace/brokers';
import { type InboxEntry, MillraceError } from '@millrace/core';
import type { Pool } from 'pg';
import { eventually } from '../../core/test/eventually';
import { Gate } from '../../core/test/gate';
import { inboxContract } from '../../core/test/inbox-contract';
import { inboxTable, PostgresInbox, type PostgresInboxOptions } from '../src/index';
import { Ledger, silent } from './ledger';

const { address, skip } = brokerOrSkip('postgres');
const suite = skip === undefined ? describe : describe.skip;
const never = new AbortController().signal;
const context = { app: 'test', logger: silent };

suite('the PostgreSQL inbox', () => {
  let ledger: Ledger;
  let inboxes: PostgresInbox[];
  beforeEach(async () => {
    ledger = await Ledger.create(address);
    inboxes = [];
  });
  afterEach(async () => {
    await Promise.all(inboxes.map((inbox) => inbox.close()));
    await ledger.drop();
  });

  async function open(more: Partial<PostgresInboxOptions> = {}): Promise<PostgresInbox> {
    const inbox = new PostgresInbox({ pool: ledger.newPool(), schema: ledger.schema, ...more });
    inboxes.push(inbox);
    await inbox.open(context);
    return inbox;
  }

  const entry = (more: Partial<InboxEntry> = {}): InboxEntry => ({
    consumer: 'orders/baristas',
    messageId: randomUUID(),
    windowMs: 3_600_000,
    ...more,
  });

  describe('the contract', () => {
    inboxContract(() => ({ instance: () => open() }));
  });

  describe('the transaction of the handler', () => {
    const post = (inbox: PostgresInbox, id: string) => async (): Promise<undefined> => {
      await inbox.transaction.query(ledger.insert, [id, 'handler']);
      return undefined;
    };

    test('what the handler writes and the mark are there together', async () => {
      const inbox = await open();
      const once = entry();
      const work = post(inbox, 'a');
      await inbox.once(
        once,
        async () => {
          await work();
          expect(await ledger.postings()).toEqual([]);
          expect(await ledger.marks()).toEqual([]);
          return undefined;
        },
        never,
      );
      expect(await ledger.postings()).toEqual(['a']);
      expect(await ledger.marks()).toEqual([
        { consumer: 'orders/baristas', message_id: once.messageId, outputs: null },
      ]);
      await inbox.once(once, work, never);
      expect(await ledger.postings()).toEqual(['a']);
    });

    test('a handler that throws after it has written leaves neither', async () => {
      const inbox = await open();
      const failing = async (): Promise<undefined> => {
        await post(inbox, 'a')();
        throw new Error('no');
      };
      await expect(inbox.once(entry(), failing, never)).rejects.toThrow('no');
      expect([await ledger.postings(), await ledger.marks()]).toEqual([[], []]);
    });

    test('a failed statement that the handler passes over fails the attempt, though COMMIT calls that no error', async () => {
      const inbox = await open();
      const careless = async (): Promise<undefined> => {
        await post(inbox, 'a')();
        await inbox.transaction.query('SELECT 1/0').catch(() => undefined);
        return undefined;
      };
      await expect(inbox.once(entry(), careless, never)).rejects.toThrow(/a statement of the transaction had failed/);
      expect([await ledger.postings(), await ledger.marks()]).toEqual([[], []]);
    });

    test('a part that may fail has a savepoint', async () => {
      const inbox = await open();
      const careful = async (): Promise<undefined> => {
        const { transaction } = inbox;
        await post(inbox, 'a')();
        await transaction.query('SAVEPOINT part');
        await transaction.query('SELECT 1/0').catch(() => transaction.query('ROLLBACK TO SAVEPOINT part'));
        return undefined;
      };
      await inbox.once(entry(), careful, never);
      expect(await ledger.postings()).toEqual(['a']);
    });

    test.each(['COMMIT', 'ROLLBACK'])('a handler that says %s itself is told', async (statement) => {
      const inbox = await open();
      const rude = async (): Promise<undefined> => {
        await inbox.transaction.query(statement);
        return undefined;
      };
      await expect(inbox.once(entry(), rude, never)).rejects.toThrow(/the handler has ended the transaction itself/);
    });

    test('a statement that the handler did not await is part of it', async () => {
      const inbox = await open();
      const hasty = async (): Promise<undefined> => {
        void inbox.transaction.query(ledger.insert, ['a', 'late']);
        return undefined;
      };
      await inbox.once(entry(), hasty, never);
      expect(await ledger.postings()).toEqual(['a']);
    });

    test('outside of a handler there is none', async () => {
      const inbox = await open();
      expect(() => inbox.transaction).toThrow(MillraceError);
      await inbox.once(entry(), async () => undefined, never);
      expect(() => inbox.transaction).toThrow(/no transaction of the inbox here/);
    });

    test('of a handler that was given up takes no effect, nor do its later statements, and the pool is whole again', async () => {
      const pool = ledger.newPool({ max: 1 });
      const inbox = await open({ pool });
      const giveUp = new AbortController();
      const gate = new Gate();
      const written = new Gate();
      let late: unknown;
      const once = entry();
      const attempt = inbox
        .once(
          once,
          async () => {
            await post(inbox, 'a')();
            written.open();
            await gate.passed;
            late = await inbox.transaction.query(ledger.insert, ['b', 'late']).catch((error: unknown) => error);
            return undefined;
          },
          giveUp.signal,
        )
        .catch((error: unknown) => error);
      await written.passed;
      giveUp.abort(new Error('ran past its timeout'));
      gate.open();
      expect(await attempt).toBeInstanceOf(Error);
      expect(String(late)).toMatch(/closed|terminated/);
      expect([await ledger.postings(), await ledger.marks()]).toEqual([[], []]);
      expect((await inbox.once(once, post(inbox, 'c'), never)).isDuplicate).toBe(false);
      expect(await ledger.postings()).toEqual(['c']);
      expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 });
    });

    test('one that waits for another is given up too', async () => {
      const [inbox, other] = [await open(), await open()];
      const once = entry();
      const gate = new Gate();
      const begun = new Gate();
      const first = inbox.once(
        once,
        async () => {
          begun.open();
          await gate.passed;
          return undefined;
        },
        never,
      );
      await begun.passed;
      const giveUp = new AbortController();
      const second = other.once(once, async () => undefined, giveUp.signal).catch((error: unknown) => error);
      await waitingForLock(ledger.pool, ledger.schema);
      giveUp.abort(new Error('stop'));
      expect(await second).toBeInstanceOf(Error);
      gate.open();
      expect((await first).isDuplicate).toBe(false);
    });

    test('one that waits for a connection is given up too, and the connection is not lost', async () => {
      const pool = ledger.newPool({ max: 1 });
      const inbox = await open({ pool });
      const gate = new Gate();
      const begun = new Gate();
      const first = inbox.once(
        entry(),
        async () => {
          begun.open();
          await gate.passed;
          return undefined;
        },
        never,
      );
      await begun.passed;
      const giveUp = new AbortController();
      const second = inbox.once(entry(), async () => undefined, giveUp.signal).catch((error: unknown) => error);
      await eventually(() => expect(pool.waitingCount).toBe(1));
      const reason = new Error('stop');
      giveUp.abort(reason);
      expect(await second).toBe(reason);
      gate.open();
      await first;
      await eventually(() => expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 }));
      await expect(inbox.once(entry(), async () => undefined, giveUp.signal)).rejects.toBe(reason);
      expect(pool).toMatchObject({ totalCount: 1, idleCount: 1 });
    });
  });

  describe('the table', () => {
    test('several instances that start at once create it together', async () => {
      await Promise.all(Array.from({ length: 8 }, () => open()));
      expect(await ledger.marks()).toEqual([]);
    });

    test('can be made by a migration, and be in any schema under any name', async () => {
      const table = 'Boîte d"entrée';
      await ledger.pool.query(inboxTable({ schema: ledger.schema, table }));
      await ledger.pool.query(inboxTable({ schema: ledger.schema, table }));
      const inbox = await open({ table, createTable: false });
      const once = entry();
      expect((await inbox.once(once, async () => 'x', never)).isDuplicate).toBe(false);
      expect((await inbox.once(once, async () => 'x', never)).outputs).toBe('x');
    });

    test('that is missing and must not be created fails the opening, with the statements', async () => {
      await expect(open({ createTable: false })).rejects.toThrow(
        /there is no table .*; create it with:\nCREATE TABLE IF NOT EXISTS/,
      );
    });

    test('with other columns fails the opening', async () => {
      await ledger.pool.query(`CREATE TABLE ${ledger.schema}.millrace_inbox (id text)`);
      await expect(open()).rejects.toThrow(/column "consumer" does not exist/);
    });
  });

  describe('clean-up', () => {
    test('deletes marks whose window has passed, in batches, and nothing else', async () => {
      const writer = await open({ cleanUpEvery: false });
      const handle = (messageId: string, windowMs: number, outputs?: string) =>
        writer.once(entry({ messageId, windowMs }), async () => outputs, never);
      for (let id = 0; id < 7; id += 1) await handle(`old ${id}`, 0);
      await handle('old with outputs', 0, 'x');
      await handle('young', 60_000);
      await open({ cleanUpEvery: 5, cleanUpBatch: 2 });
      await eventually(async () =>
        expect((await ledger.marks()).map(({ message_id }) => message_id)).toEqual(['old with outputs', 'young']),
      );
      await writer.sent(entry({ messageId: 'old with outputs' }));
      await eventually(async () => expect(await ledger.marks()).toHaveLength(1));
    });

    test('does not wait for marks that are in hand', async () => {
      const inbox = await open({ cleanUpEvery: false });
      for (const messageId of ['held', 'free'])
        await inbox.once(entry({ messageId, windowMs: 0 }), async () => undefined, never);
      const client = await ledger.pool.connect();
      try {
        await client.query('BEGIN');
        await client.query(`SELECT 1 FROM ${ledger.schema}.millrace_inbox WHERE message_id = 'held' FOR UPDATE`);
        await open({ cleanUpEvery: 5 });
        await eventually(async () => expect(await ledger.marks()).toMatchObject([{ message_id: 'held' }]));
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
      await eventually(async () => expect(await ledger.marks()).toEqual([]));
    });

    test('that fails is told and tried again, and ends with the inbox', async () => {
      const warnings: string[] = [];
      const pool = ledger.newPool();
      const inbox = new PostgresInbox({ pool, schema: ledger.schema, cleanUpEvery: 5 });
      await inbox.open({ app: 'test', logger: { ...silent, warn: (_, text) => void warnings.push(text) } });
      await ledger.pool.query(`ALTER TABLE ${ledger.schema}.millrace_inbox RENAME TO elsewhere`);
      await eventually(() => expect(warnings.length).toBeGreaterThan(1));
      await inbox.close();
      const told = warnings.length;
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(warnings).toHaveLength(told);
    });
  });

  test('a pool of its own ends with it, and is made anew when it is opened again', async () => {
    const inbox = new PostgresInbox({ connectionString: address, schema: ledger.schema, maxConnections: 2 });
    const connections = async (): Promise<number> => {
      const { rows } = await ledger.pool.query<{ count: string }>(
        'SELECT count(*) FROM pg_stat_activity WHERE application_name = $1',
        [ledger.schema],
      );
      return Number(rows[0]?.count);
    };
    for (let round = 0; round < 2; round += 1) {
      await inbox.open({ app: ledger.schema, logger: silent });
      await Promise.all(Array.from({ length: 5 }, () => inbox.once(entry(), async () => undefined, never)));
      expect(await connections()).toBe(2);
      await inbox.close();
      await eventually(async () => expect(await connections()).toBe(0));
      await expect(inbox.once(entry(), async () => undefined, never)).rejects.toThrow('the inbox is not open');
    }
  });

  test('a server that is not there fails the opening', async () => {
    const inbox = new PostgresInbox({ connectionString: 'postgres://postgres@127.0.0.1:1/postgres' });
    await expect(inbox.open(context)).rejects.toThrow(/ECONNREFUSED/);
  });
});

test.each<[string, PostgresInboxOptions, RegExp]>([
  ['neither pool nor address', {}, /give one of 'pool' and 'connectionString'/],
  ['an unknown key', { connectionString: 'x', tabel: 'y' } as PostgresInboxOptions, /tabel/],
  ['a name that is cut off', { connectionString: 'x', table: 'x'.repeat(53) }, /table: .*52/],
  ['something else than a pool', { pool: {} as Pool }, /pool: expected a pool of pg/],
  ['no duration', { connectionString: 'x', cleanUpEvery: 'often' as '1s' }, /cleanUpEvery: 'often' is not a duration/],
])('options with %s are refused', (_, options, sentence) => {
  expect(() => new PostgresInbox(options)).toThrow(sentence);
});

/** Resolves when a statement on that schema waits for another transaction. */
async function waitingForLock(pool: Pool, schema: string): Promise<void> {
  await eventually(async () => {
    const { rows } = await pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
      [`%${schema}%`],
    );
    expect(rows).toHaveLength(1);
  });
}
