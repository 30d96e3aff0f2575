import { type ClientBase, escapeIdentifier } from 'pg';

/** Where the marks are: a table in a schema, by default `millrace_inbox` in the first one of the search path. */
export interface InboxTablePlace {
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
}

/** Name of the table as it stands in statements. */
export function tableName({ schema, table = 'millrace_inbox' }: InboxTablePlace): string {
  const name = escapeIdentifier(table);
  return schema === undefined ? name : `${escapeIdentifier(schema)}.${name}`;
}

/** Statements that create the table and its index where they are missing, for a migration of your own. */
export function inboxTable(place: InboxTablePlace = {}): string {
  const name = tableName(place);
  const index = escapeIdentifier(`${place.table ?? 'millrace_inbox'}_expires_at`);
  return `CREATE TABLE IF NOT EXISTS ${name} (
  consumer text NOT NULL,
  message_id text NOT NULL,
  handled_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  outputs text,
  PRIMARY KEY (consumer, message_id)
);
CREATE INDEX IF NOT EXISTS ${index} ON ${name} (expires_at) WHERE outputs IS NULL;
`;
}

const COLUMNS = 'consumer, message_id, handled_at, expires_at, outputs';

/** @throws Error of the database when the table is missing or has other columns */
export async function checkTable(client: ClientBase, place: InboxTablePlace): Promise<void> {
  await client.query(`SELECT ${COLUMNS} FROM ${tableName(place)} LIMIT 0`);
}

/** Creates what is missing. Several that do it at once go one after the other: `IF NOT EXISTS` alone would fail some of them. */
export async function createTable(client: ClientBase, place: InboxTablePlace): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`millrace ${tableName(place)}`]);
    await client.query(inboxTable(place));
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Whether the error says that there is no such table. */
export function isMissingTable(error: unknown): boolean {
  return (error as { readonly code?: unknown } | undefined)?.code === '42P01';
}
