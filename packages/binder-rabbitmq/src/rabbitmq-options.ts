import { type Duration, parseDuration, parseOptions, tlsOptions, z } from '@millrace/core/spi';
import {
  exchangeShape,
  milliseconds,
  name,
  prefixOption,
  provisionOption,
  queueShape,
} from './rabbitmq-topology-options';

const MEBIBYTE = 1024 * 1024;
const count = z.int().min(1);

function duration(defaultValue: Duration): z.ZodDefault<z.ZodType<number, Duration>> {
  return milliseconds().default(parseDuration(defaultValue) ?? 0);
}

const givenInCode = z.unknown().refine((value) => typeof value === 'function', 'must be a function');

const address = z.string().regex(/^amqps?:\/\/\S+$/, "must be 'amqp://host', 'amqps://host:port/vhost' or the like");

const reconnect = z.strictObject({
  initial: duration('100ms').describe('First wait before a lost connection is opened again. Default 100ms.'),
  max: duration('1s').describe('Longest wait. Default 1s; each wait is twice the one before, shortened by chance.'),
});

const headerMode = z.enum(['spring', 'plain', 'none']);

/** Strict schema of the binder's options. */
export const rabbitmqOptions = z.strictObject({
  url: z
    .union([address, z.array(address).min(1), givenInCode])
    .default('amqp://localhost')
    .describe(
      'Where the broker is: `amqp://` or `amqps://`, with user, password and virtual host where needed. Several nodes are tried in turn. In code also a function that resolves with one or several, asked before each connection. Default amqp://localhost.',
    ),
  username: z.string().min(1).optional().describe("Name of the user. Default: the url's, else guest."),
  password: z
    .string()
    .optional()
    .describe("Never logged. Best taken from the environment. Default: the url's, else guest."),
  credentials: givenInCode
    .optional()
    .describe(
      'Function that resolves with `{ username, password }`, asked before each connection: for passwords that change. Given in code, not in a file.',
    ),
  vhost: z.string().min(1).optional().describe("Virtual host. Default: the url's, else /."),
  mechanism: z
    .enum(['plain', 'external'])
    .default('plain')
    .describe('`plain`: user and password. `external`: the client certificate of `ssl` says who it is. Default plain.'),
  ssl: z
    .union([z.boolean(), tlsOptions])
    .default(false)
    .describe('TLS: `true`, or its certificates. Default false; an amqps url does not need `true`.'),
  connectionName: z
    .string()
    .min(1)
    .optional()
    .describe("Name in the broker's management and logs. Default: the application's."),
  heartbeat: duration('10s').describe(
    'How often both sides show that they live, in whole seconds; a connection without a sign for twice that long counts as lost. Default 10s. A handler that blocks the event loop for longer loses its connection. 0: never.',
  ),
  connectionTimeout: duration('5s').describe('Longest wait for a connection to one node. Default 5s.'),
  startTimeout: duration('10s').describe(
    'How long a binding waits at its start for a broker that is away. Default 10s; then the start fails. 0: it fails at once.',
  ),
  reconnect: reconnect.prefault({}).describe('How a lost connection is opened again. It is tried for ever.'),
  provision: provisionOption,
  provisionInterval: duration('30s').describe(
    'How often a consumer sees to its exchange, queue and bindings again: nobody is told when an exchange or a binding is deleted. Default 30s. 0: only after a trouble.',
  ),
  prefix: prefixOption,
  headerMode: headerMode
    .default('spring')
    .describe(
      '`spring`: header values keep their types, as in Spring Cloud Stream. `plain`: all are text. `none`: no header table is written or read; properties such as the content type are. Default spring.',
    ),
});

/** Strict schema of the `native` part of a producer's options. */
export const rabbitmqProducerOptions = z.strictObject({
  routingKey: z
    .union([z.string(), givenInCode])
    .default('{destination}')
    .describe(
      'Routing key: text in which `{destination}`, `{key}` and `{headers.name}` are replaced, or, in code, a function of the record. With partitions `-<i>` is added. Default {destination}.',
    ),
  unroutable: z
    .enum(['error', 'ignore'])
    .default('error')
    .describe(
      '`error`: `send()` rejects when no queue wants the message. `ignore`: it resolves, and the message is gone. Default error.',
    ),
  deliveryMode: z
    .enum(['persistent', 'transient'])
    .default('persistent')
    .describe('`transient` messages are gone when the broker restarts. Default persistent.'),
  messageTtl: milliseconds()
    .optional()
    .describe(
      'Longest stay of each message in a queue; the shorter of this and the `ttl` of the queue counts. Default: no limit.',
    ),
  maxMessageBytes: count
    .default(16 * MEBIBYTE)
    .describe(
      'Largest body; `send()` rejects a larger one, for which the broker would close the channel. Default 16777216 (16 MiB), as in RabbitMQ 4; before that it takes 128 MiB.',
    ),
  sendTimeout: duration('2m').describe(
    'How long a send may take, with all its waits; then it rejects. Default 2m. While the broker is away or takes nothing, sends wait.',
  ),
  maxInFlightRecords: count.default(2_000).describe('Messages not confirmed yet; then send() waits. Default 2000.'),
  maxInFlightBytes: count
    .default(32 * MEBIBYTE)
    .describe('Bytes not confirmed yet; then send() waits. Default 33554432 (32 MiB).'),
  headerMode: headerMode.optional().describe("Overrides the binder's."),
  ...exchangeShape,
  ...queueShape,
});

/** Strict schema of the `native` part of a consumer's options. */
export const rabbitmqConsumerOptions = z.strictObject({
  queue: name
    .optional()
    .describe(
      'A queue that is there already: read under this name, never declared nor bound. Default: `<destination>.<group>` is declared.',
    ),
  partitionCount: count
    .optional()
    .describe(
      "Partitions of the destination, as many as its producers': each has a queue of its own, `<destination>.<group>-<i>`. With `assignment: static` an instance reads its share of them, else each instance reads all. Default: one queue for all partitions.",
    ),
  durableSubscription: z
    .boolean()
    .default(true)
    .describe('`false`: the queue of the group goes with its last consumer, and has no dead letters. Default true.'),
  exclusive: z
    .boolean()
    .default(false)
    .describe(
      'The broker refuses every other consumer of the queue; this one tries on until it is alone. Default false.',
    ),
  consumerPriority: z
    .int()
    .optional()
    .describe(
      'Consumers of a higher one get messages first, those of a lower one what is left over. Default: none, which is 0.',
    ),
  consumerTagPrefix: z
    .string()
    .min(1)
    .optional()
    .describe("Consumer tags are this and `#<n>`. Default: the broker's own names."),
  maxDecompressedBytes: count
    .default(64 * MEBIBYTE)
    .describe('Most bytes that a compressed body may grow to; a larger one is invalid. Default 67108864 (64 MiB).'),
  headerMode: headerMode.optional().describe("Overrides the binder's."),
  ...exchangeShape,
  ...queueShape,
});

/** Options of the binder with every default filled in. */
export type RabbitmqOptions = z.output<typeof rabbitmqOptions>;
/** As they are written; each can be left out. */
export type RabbitmqOptionsInput = z.input<typeof rabbitmqOptions>;
export type RabbitmqProducerOptions = z.output<typeof rabbitmqProducerOptions>;
export type RabbitmqConsumerOptions = z.output<typeof rabbitmqConsumerOptions>;
export type HeaderMode = z.output<typeof headerMode>;

/** What a producer's `native` holds; throws CONFIGURATION_INVALID naming every fault. */
export function parseProducerOptions(native: unknown, binding: string): RabbitmqProducerOptions {
  return parseOptions(rabbitmqProducerOptions, native ?? {}, `native producer options of ${binding}`);
}

/** The same for a consumer's. */
export function parseConsumerOptions(native: unknown, binding: string): RabbitmqConsumerOptions {
  return parseOptions(rabbitmqConsumerOptions, native ?? {}, `native consumer options of ${binding}`);
}
