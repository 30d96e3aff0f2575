import { type Duration, MillraceError, parseDuration, z } from '@millrace/core/spi';
import type { Pool } from 'pg';

export interface PostgresInboxOptions {
  /**
   * The connections of your application: each message that is handled holds one from its mark to its commit, so it needs more
   * of them than all idempotent sinks have `concurrency` together. It stays yours: end it after the application.
   */
  readonly pool?: Pool;
  /** Instead of a pool: `postgres://user@host/database`. The inbox then makes a pool, and ends it with the application. */
  readonly connectionString?: string;
  /** Most connections of the pool that the inbox makes. Default 10. */
  readonly maxConnections?: number;
  /** Schema of the table. Default: the first of the connection's search path. */
  readonly schema?: string;
  /** Default `millrace_inbox`. */
  readonly table?: string;
  /** Whether a missing table is created at the start. Default `true`; {@link inboxTable} has the text for migrations. */
  readonly createTable?: boolean;
  /** How often marks are deleted whose window has passed. Default one minute; `false`: never, somebody else does. */
  readonly cleanUpEvery?: Duration | false;
  /** Most marks deleted by one statement. Default 1,000. */
  readonly cleanUpBatch?: number;
}

/** PostgreSQL cuts longer names off. The table's index has a name that is 11 longer. */
const MAX_NAME = 63;
const MAX_TABLE = MAX_NAME - '_expires_at'.length;

/** Gives milliseconds, or `false`. */
const interval = z.union([z.number(), z.string(), z.literal(false)]).transform((value, context) => {
  const ms = value === false ? false : parseDuration(value);
  if (ms !== undefined && ms !== 0) return ms;
  context.addIssue({ code: 'custom', message: `'${value}' is not a duration such as 500, '10s' or '5m'` });
  return z.NEVER;
});

const options = z
  .strictObject({
    pool: z
      .custom<Pool>((value) => typeof (value as Pool | undefined)?.connect === 'function', 'expected a pool of pg')
      .optional(),
    connectionString: z.string().min(1).optional(),
    maxConnections: z.number().int().min(1).default(10),
    schema: z.string().min(1).max(MAX_NAME).optional(),
    table: z.string().min(1).max(MAX_TABLE).default('millrace_inbox'),
    createTable: z.boolean().default(true),
    cleanUpEvery: interval.default(60_000),
    cleanUpBatch: z.number().int().min(1).default(1_000),
  })
  .refine(({ pool, connectionString }) => (pool === undefined) !== (connectionString === undefined), {
    message: "give one of 'pool' and 'connectionString'",
  });

export type PostgresInboxSettings = Readonly<z.output<typeof options>>;

/** @throws MillraceError CONFIGURATION_INVALID */
export function parsePostgresInboxOptions(given: PostgresInboxOptions): PostgresInboxSettings {
  const result = options.safeParse(given);
  if (result.success) return Object.freeze(result.data);
  const faults = result.error.issues.map(({ path, message }) => `  - ${[...path, message].join(': ')}`);
  throw new MillraceError('CONFIGURATION_INVALID', `the options of PostgresInbox:\n${faults.join('\n')}`);
}
