import { type Duration, MillraceError, parseDuration, parseOptions, tlsOptions, z } from '@millrace/core/spi';

const MEBIBYTE = 1024 * 1024;
const count = z.int().min(1);
const secret = z.string().min(1);

/** Reads `500`, `'250ms'`, `'10s'` and gives milliseconds. */
function duration(defaultValue: Duration): z.ZodDefault<z.ZodType<number, Duration>> {
  const spelled = z.union([z.number().nonnegative(), z.string()]).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== undefined) return ms;
    context.addIssue({ code: 'custom', message: `'${value}' is not a duration such as 500, '250ms', '10s' or '5m'` });
    return z.NEVER;
  });
  return (spelled as unknown as z.ZodType<number, Duration>).default(parseDuration(defaultValue) ?? 0);
}

const sasl = z.discriminatedUnion('mechanism', [
  z.strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).describe('How the password is shown.'),
    username: z.string().min(1).describe('Name of the user.'),
    password: secret.describe('Never logged. Best taken from the environment.'),
  }),
  z.strictObject({
    mechanism: z.literal('oauthbearer').describe('A token, fetched anew when the broker asks.'),
    token: z
      .unknown()
      .refine((value) => typeof value === 'function', 'must be a function that resolves with the token')
      .describe('Function that resolves with the token as text; given in code, not in a file.'),
  }),
]);

const retry = z.strictObject({
  initial: duration('100ms').describe('First wait before a request is repeated. Default 100ms.'),
  max: duration('500ms').describe('Longest wait between repetitions. Default 500ms.'),
  retries: z
    .int()
    .min(1)
    .default(5)
    .describe(
      'Repetitions of a request that failed in a way that may pass, before its connection is given up for a new one and the health goes down. Default 5, about two seconds.',
    ),
});

const headerMode = z.enum(['spring', 'plain', 'none']);
const topic = z.record(z.string(), z.string());

const client = z.strictObject({
  producer: z
    .enum(['kafkajs', 'platformatic'])
    .default('kafkajs')
    .describe(
      'What writes records. `platformatic`: the package @platformatic/kafka 1.35, which takes less time for each; idempotent producers and transactions use kafkajs all the same. Default kafkajs.',
    ),
});

/** Strict schema of the binder's options. */
export const kafkaOptions = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^:\s,]+(:\d{1,5})?$/, "must be 'host' or 'host:port'"))
    .min(1)
    .default(['localhost:9092'])
    .describe('Addresses to start from, `host` or `host:port`; the others are learned. Default localhost:9092.'),
  clientId: z.string().min(1).optional().describe("Name in the broker's logs and quotas. Default: the application's."),
  ssl: z.union([z.boolean(), tlsOptions]).default(false).describe('TLS: `true`, or its certificates. Default false.'),
  sasl: sasl.optional().describe('Log in with a password or a token. Default: no log-in.'),
  client: client.prefault({}).describe('Libraries that speak to the brokers.'),
  connectionTimeout: duration('3s').describe('Longest wait for a connection to one broker. Default 3s.'),
  requestTimeout: duration('15s').describe(
    'Longest wait for an answer. Default 15s; a broker that stays silent for longer counts as gone.',
  ),
  startTimeout: duration('10s').describe(
    'How long a binding waits at its start for a broker that is away. Default 10s; then the start fails. 0: it fails at once.',
  ),
  retry: retry.prefault({}).describe('How requests are repeated.'),
  provision: z
    .enum(['auto', 'verify', 'none'])
    .default('auto')
    .describe(
      '`auto`: missing topics are made. `verify`: a missing topic, or one with too few partitions, fails the start. `none`: topics must be there, their partitions are not looked at. Default auto.',
    ),
  growPartitions: z
    .boolean()
    .default(false)
    .describe(
      'With `auto`: an existing topic with fewer partitions than wanted is grown. Default false: the start fails, as growing moves keys to other partitions.',
    ),
  replicationFactor: z
    .union([z.literal(-1), count])
    .default(-1)
    .describe("Copies of each partition of a new topic. Default -1: the broker's default."),
  defaultPartitions: count
    .default(4)
    .describe(
      'Partitions of a new topic whose producer names no partitionCount. Default 4: so many members of a group can work at once.',
    ),
  metadataMaxAge: duration('30s').describe(
    'How old knowledge of topics and partitions may grow. Default 30s; until then new partitions go unnoticed.',
  ),
  patternInterval: duration('5s').describe('How often new topics are looked for that match a pattern. Default 5s.'),
  headerMode: headerMode
    .default('spring')
    .describe(
      '`spring`: values keep their types for Spring Cloud Stream and Millrace (spring_json_header_types). `plain`: all are text. `none`: no headers are written or read. Default spring.',
    ),
});

/** Strict schema of the `native` part of a producer's options. */
export const kafkaProducerOptions = z.strictObject({
  compression: z
    .enum(['none', 'gzip', 'snappy', 'lz4', 'zstd'])
    .default('none')
    .describe(
      'Default none. gzip is built in; snappy needs the package snappy, lz4 lz4-napi, and zstd @mongodb-js/zstd before Node.js 22.15.',
    ),
  idempotent: z
    .boolean()
    .default(false)
    .describe(
      'The broker drops repetitions of a request whose answer was lost. Default false. Experimental in kafkajs.',
    ),
  sendTimeout: duration('30s').describe(
    'How long a send may take, with all its waits; then it rejects. Default 30s. While the broker is away, sends wait.',
  ),
  linger: duration(0).describe(
    'How long a request waits for more records. Default 0: to the next turn of the event loop.',
  ),
  batchRecords: count.default(500).describe('Most records of a request. Default 500.'),
  batchBytes: count
    .default(MEBIBYTE)
    .describe("Most bytes of a request, never more than the topic's max.message.bytes. Default 1048576 (1 MiB)."),
  maxInFlightRecords: count.default(10_000).describe('Records not confirmed yet; then send() waits. Default 10000.'),
  maxInFlightBytes: count
    .default(32 * MEBIBYTE)
    .describe('Bytes not confirmed yet; then send() waits. Default 33554432 (32 MiB).'),
  headerMode: headerMode.optional().describe("Overrides the binder's."),
  topic: topic.default({}).describe('Settings of the topic where it is made, such as `retention.ms`. Default: none.'),
});

/** Strict schema of the `native` part of a consumer's options. */
export const kafkaConsumerOptions = z.strictObject({
  startFrom: z
    .union([z.enum(['earliest', 'latest']), z.strictObject({ timestamp: z.union([z.iso.datetime(), z.int().min(0)]) })])
    .default('earliest')
    .describe(
      'Where a group starts that has no position yet: `earliest`, `latest`, or the first record at a `timestamp` (ISO text or milliseconds). Default earliest. A broadcast consumer starts from now.',
    ),
  sessionTimeout: duration('10s').describe(
    'Silence after which a member counts as dead and its partitions go to others. Default 10s; the broker takes no less than 6s. A handler that blocks the event loop for longer is expelled.',
  ),
  heartbeatInterval: duration('1s').describe(
    'How often a member shows that it lives; also how soon it notices that others join. Default 1s.',
  ),
  rebalanceDrain: duration('5s').describe(
    'How long running handlers may finish when partitions are shared out anew. Default 5s; what runs longer may be handled twice.',
  ),
  maxWaitTime: duration('250ms').describe(
    'How long a fetch waits at the broker for records. Default 250ms; records that come meanwhile are sent at once.',
  ),
  maxBytes: count.default(10 * MEBIBYTE).describe('Most bytes of a fetch. Default 10485760 (10 MiB).'),
  maxBytesPerPartition: count
    .default(MEBIBYTE)
    .describe('Most bytes of a fetch for one partition; bounds the memory. Default 1048576 (1 MiB).'),
  commitInterval: duration('1s').describe(
    'How often positions are committed. Default 1s; after a crash what was handled since comes again.',
  ),
  commitCount: count.default(5_000).describe('Records finished after which positions are committed. Default 5000.'),
  maxUncommitted: count
    .default(50_000)
    .describe(
      'Records of a partition from the first unfinished one on, at most; then the partition waits for that one. Default 50000. Positions never pass a gap, so after a crash all of these may come again.',
    ),
  isolation: z
    .enum(['readCommitted', 'readUncommitted'])
    .default('readCommitted')
    .describe('Whether records of open and aborted transactions are left out. Default readCommitted.'),
  transactionalIdPrefix: z
    .string()
    .default('millrace.')
    .describe(
      'With `exactlyOnce`: the transactional id of a partition is this, then `<group>.<topic>.<partition>`. Default `millrace.`; all members of a group need the same.',
    ),
  transactionTimeout: duration('15s').describe(
    'With `exactlyOnce`: after so long the broker ends a transaction that a process has left open by dying. Default 15s; until then, or until another member takes the partition, readers wait behind it.',
  ),
  deadLetterPartitions: count
    .optional()
    .describe("Partitions of the dead-letter topic where it is made. Default: as many as the source's."),
  headerMode: headerMode.optional().describe("Overrides the binder's."),
  topic: topic
    .default({})
    .describe('Settings of the topics where they are made, such as `retention.ms`. Default: none.'),
});

/** Options of the binder with every default filled in. */
export type KafkaOptions = z.output<typeof kafkaOptions>;
/** As they are written; each can be left out. */
export type KafkaOptionsInput = z.input<typeof kafkaOptions>;
export type KafkaProducerOptions = z.output<typeof kafkaProducerOptions>;
export type KafkaConsumerOptions = z.output<typeof kafkaConsumerOptions>;
export type HeaderMode = z.output<typeof headerMode>;
export type SaslOptions = z.output<typeof sasl>;

/** What a producer's `native` holds; throws CONFIGURATION_INVALID naming every fault. */
export function parseProducerOptions(native: unknown, binding: string): KafkaProducerOptions {
  return parseOptions(kafkaProducerOptions, native ?? {}, `native producer options of ${binding}`);
}

/** The same for a consumer's. */
export function parseConsumerOptions(native: unknown, binding: string): KafkaConsumerOptions {
  const options = parseOptions(kafkaConsumerOptions, native ?? {}, `native consumer options of ${binding}`);
  if (options.heartbeatInterval < options.sessionTimeout) return options;
  throw new MillraceError(
    'CONFIGURATION_INVALID',
    `native consumer options of ${binding}: heartbeatInterval (${options.heartbeatInterval} ms) must be below sessionTimeout (${options.sessionTimeout} ms), a third of it or less is usual`,
  );
}
