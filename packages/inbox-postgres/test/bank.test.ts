import { randomUUID } from 'node:crypto';
import { brokerOrSkip } from '@millrace/brokers';
import type { Application } from '@millrace/core';
import { PostgresInbox } from '@millrace/inbox-postgres';
import { testApplication } from '@millrace/testing';
import { Container } from 'inversify';
import { Pool } from 'pg';
import { Archive, bank, Invoice, Ledger, Payment, pay, Receipt } from './bank';

const { address, skip } = brokerOrSkip('postgres');

(skip === undefined ? describe : describe.skip)('a bank', () => {
  const schema = `docs_${randomUUID().replaceAll('-', '')}`;
  let pool: Pool;

  beforeAll(async () => {
    pool = new Pool({ connectionString: address, options: `-c search_path=${schema}` });
    await pool.query(`CREATE SCHEMA ${schema}`);
    await pool.query('CREATE TABLE accounts (id text, cents int)');
    await pool.query("INSERT INTO accounts VALUES ('mia', 0)");
  });
  afterAll(async () => {
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    await pool.end();
  });

  test('books a payment once, however often it comes', async () => {
    const inbox = new PostgresInbox({ pool });
    const container = new Container();
    container.bind(PostgresInbox).toConstantValue(inbox);
    await using shop = await testApplication({ components: [Ledger], config: { app: 'bank' }, container, inbox });
    const payment = Object.assign(new Payment(), { account: 'mia', cents: 250 });
    for (let time = 0; time < 3; time += 1) await shop.emit(Payment, payment, { id: 'payment 1' });
    await shop.settled();
    const { rows } = await pool.query('SELECT cents FROM accounts');
    expect(rows).toEqual([{ cents: 250 }]);
    expect(await shop.sent(Receipt)).toHaveLength(1);
  });

  test('the start-up code of the page runs', async () => {
    const before = process.listenerCount('SIGTERM');
    const app = await bank(pool);
    expect(app.state).toBe('running');
    await app.stop();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});

test('an archive keeps an invoice once, known by its number', async () => {
  await using shop = await testApplication({ components: [Archive], config: { app: 'office' } });
  for (const number of ['1', '2', '1']) await shop.emit(Invoice, Object.assign(new Invoice(), { number }));
  await shop.settled();
  expect(shop.get(Archive).kept).toEqual(['1', '2']);
});

test('what is sent again has the same id', async () => {
  const ids: unknown[] = [];
  const app = {
    send: (_channel: unknown, _payload: unknown, options: { id: string }) => {
      ids.push(options.id);
      return ids.length === 1 ? Promise.reject(new Error('no answer')) : Promise.resolve();
    },
  };
  await pay(app as unknown as Application, new Payment(), 'order 7');
  expect(ids).toEqual(['payment of order 7', 'payment of order 7']);
});
