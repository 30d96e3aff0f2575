import { existsSync } from 'node:fs';
import { type OwnPostgres, ownBrokerOrSkip, startPostgres } from '@millrace/brokers';
import { Client } from 'pg';

const suite = ownBrokerOrSkip('postgres') === undefined ? describe : describe.skip;

async function answer(url: string, statement: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return Object.values(rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

suite('PostgreSQL', () => {
  let postgres: OwnPostgres;

  beforeAll(async () => {
    postgres = await startPostgres({ settings: { max_connections: '17' } });
  }, 120_000);

  afterAll(() => postgres.stop());

  test('two at once do not know each other, and settings reach the server', async () => {
    await using other = await startPostgres();
    await answer(other.url, 'CREATE DATABASE elsewhere');
    const databases = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE NOT datistemplate";
    expect(await answer(other.url, databases)).toBe('elsewhere postgres');
    expect(await answer(postgres.url, databases)).toBe('postgres');
    expect(await answer(postgres.url, 'SHOW max_connections')).toBe('17');
  }, 120_000);

  test('what was committed survives a kill', async () => {
    await answer(postgres.url, 'CREATE TABLE kept AS SELECT 1 AS value');
    await postgres.kill();
    await expect(answer(postgres.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await postgres.restart();
    expect(await answer(postgres.url, 'SELECT value FROM kept')).toBe(1);
  }, 120_000);

  test('nobody has to take leave of it, and it takes its files along', async () => {
    const other = await startPostgres();
    const client = new Client({ connectionString: other.url });
    client.on('error', () => undefined);
    await client.connect();
    await other.shutDown();
    await other.stop();
    await client.end();
    expect(existsSync(other.folder)).toBe(false);
  }, 120_000);
});
