import { type Duration, parseDuration, z } from '@millrace/core/spi';

/** The broker keeps times in four bytes. */
const LONGEST_MS = 2 ** 32 - 1;
const count = z.int().min(1);

/** Reads `500`, `'250ms'`, `'10s'` and gives whole milliseconds. */
export function milliseconds(): z.ZodType<number, Duration> {
  return z.union([z.number().nonnegative(), z.string()]).transform((value, context) => {
    const ms = parseDuration(value);
    if (ms !== undefined && ms <= LONGEST_MS) return Math.ceil(ms);
    const problem =
      ms === undefined
        ? "is not a duration such as 500, '250ms', '10s' or '5m'"
        : 'is longer than the 49 days it may be';
    context.addIssue({ code: 'custom', message: `'${value}' ${problem}` });
    return z.NEVER;
  }) as unknown as z.ZodType<number, Duration>;
}

/** A name the broker takes: up to 255 bytes of UTF-8. */
export const name = z
  .string()
  .min(1)
  .refine((value) => Buffer.byteLength(value) <= 255, 'is longer than the 255 bytes the broker takes');

/** A value of an argument table, as configuration can write it. */
const argumentTable = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const provision = z.enum(['auto', 'verify', 'none']);

export const provisionOption = provision
  .default('auto')
  .describe(
    '`auto`: exchanges, queues and bindings are declared; one that exists with other arguments fails the start. `verify`: nothing is declared, a missing exchange or queue fails the start. `none`: nothing is asked. Default auto.',
  );

export const prefixOption = z
  .string()
  .default('')
  .describe('Stands before the names of exchanges and queues, not before routing keys. Default: nothing.');

const alternateExchange = z.strictObject({
  name: name.describe('Its name, verbatim.'),
  exists: z
    .boolean()
    .default(false)
    .describe(
      '`true`: the exchange of the destination has it already, by a policy; nothing is declared. Default false.',
    ),
  type: z.string().default('topic').describe('Its type where it is declared. Default topic.'),
  binding: z
    .strictObject({
      queue: name.describe('A durable queue, declared and bound to it.'),
      routingKey: z.string().default('#').describe('Binding key of that queue. Default #.'),
    })
    .optional()
    .describe('A queue that keeps what nobody else wanted. Default: none.'),
});

/** What producers and consumers say of the exchange, and have to say alike. */
export const exchangeShape = {
  provision: provision.optional().describe("Overrides the binder's."),
  prefix: z.string().optional().describe("Overrides the binder's."),
  exchange: z
    .string()
    .optional()
    .describe(
      'An exchange that is there already, such as amq.topic: used under this name, never declared. Default: the destination is declared.',
    ),
  exchangeType: z
    .string()
    .regex(
      /^(topic|direct|fanout|headers|x-.+)$/,
      "must be 'topic', 'direct', 'fanout', 'headers' or the 'x-…' of a plug-in",
    )
    .default('topic')
    .describe('topic, direct, fanout, headers, or the `x-…` of a plug-in. Default topic.'),
  exchangeDurable: z
    .boolean()
    .default(true)
    .describe('Whether the exchange outlives a restart of the broker. Default true.'),
  exchangeAutoDelete: z
    .boolean()
    .default(false)
    .describe('Whether the exchange goes with its last queue. Default false.'),
  exchangeArguments: argumentTable.default({}).describe('Further arguments of the exchange. Default: none.'),
  alternateExchange: alternateExchange
    .optional()
    .describe('Where messages go that no queue of the exchange wants. Default: none.'),
} as const;

/** Arguments of a queue. The queue of the dead letters has the same, with its own values. */
const argumentShape = {
  queueType: z
    .enum(['classic', 'quorum'])
    .default('classic')
    .describe('`quorum` keeps copies on several nodes. Default classic.'),
  deliveryLimit: z
    .int()
    .min(-1)
    .optional()
    .describe(
      "How often a message may come back before a quorum queue dead-letters it by itself, or throws it away where nothing takes its dead letters. -1: no limit. Default: the broker's, which is 20 since RabbitMQ 4 and none before.",
    ),
  initialGroupSize: count.optional().describe("Copies of a new quorum queue. Default: the broker's."),
  ttl: milliseconds()
    .optional()
    .describe('Longest stay of a message in the queue; then it is dead-lettered. Default: no limit.'),
  expires: milliseconds()
    .optional()
    .describe('How long the queue stays without consumers; then it is deleted, messages and all. Default: for ever.'),
  maxLength: z.int().min(0).optional().describe('Most messages in the queue. Default: no limit.'),
  maxLengthBytes: z.int().min(0).optional().describe('Most bytes in the queue. Default: no limit.'),
  overflow: z
    .enum(['drop-head', 'reject-publish', 'reject-publish-dlx'])
    .optional()
    .describe(
      "What happens above those: `drop-head` dead-letters the oldest, `reject-publish` refuses the newest, whose `send()` rejects. Default: the broker's, drop-head.",
    ),
  maxPriority: z
    .int()
    .min(1)
    .max(255)
    .optional()
    .describe('Highest priority the queue tells apart; few are cheaper. Default: none.'),
  lazy: z
    .boolean()
    .default(false)
    .describe('A classic queue that keeps messages on disk, not in memory. Default false; since RabbitMQ 3.12 all do.'),
  singleActiveConsumer: z
    .boolean()
    .default(false)
    .describe(
      'One consumer at a time; another takes over when it goes, so the order holds among several instances. Default false.',
    ),
  queueArguments: argumentTable.default({}).describe('Further arguments of the queue. Default: none.'),
} as const;

const deadLetterQueue = z.strictObject({
  ...argumentShape,
  deadLetterExchange: z
    .string()
    .optional()
    .describe('Where messages go that expire here; with `ttl` a loop that tries again. Default: none.'),
  deadLetterRoutingKey: z.string().optional().describe('And with which routing key. Default: their own.'),
  bindingArguments: argumentTable
    .default({})
    .describe('Arguments of its binding, for an exchange of type headers. Default: none.'),
});

/** What is said of the queues of a group, by its consumer and by a producer that requires the group. */
export const queueShape = {
  ...argumentShape,
  queueNameGroupOnly: z
    .boolean()
    .default(false)
    .describe('The queue is called as the group alone, without the destination. Default false.'),
  bindingKeys: z
    .union([z.string(), z.array(z.string()).min(1)])
    .transform((keys) => [keys].flat())
    .optional()
    .describe(
      'Binding keys of the queue; with partitions `-<i>` is added to each. Default: # for a topic exchange, the destination for a direct one, and with partitions always the destination.',
    ),
  bindingArguments: argumentTable
    .default({})
    .describe(
      'Arguments of the binding, for an exchange of type headers: `{ x-match: any, kind: hot }`. Default: none.',
    ),
  brokerDeadLetters: z
    .boolean()
    .default(true)
    .describe(
      'The queue bears x-dead-letter-exchange and x-dead-letter-routing-key, as with autoBindDlq in Spring, so that what the broker drops goes to the dead letters too. `false`: it bears neither, as in Spring without autoBindDlq; what handlers fail at is kept all the same. Default true.',
    ),
  deadLetterExchange: name.optional().describe('Exchange of the dead letters. Default: DLX, behind the prefix.'),
  deadLetterExchangeType: z.string().default('direct').describe('Its type where it is declared. Default direct.'),
  declareDeadLetterExchange: z
    .boolean()
    .default(true)
    .describe('`false`: it is there already and is not declared. Default true.'),
  deadLetterRoutingKey: z
    .string()
    .optional()
    .describe('Routing key of the dead letters. Default: the name of the queue they come from.'),
  deadLetterQueueName: name
    .optional()
    .describe('Name of the queue of the dead letters. Default: `<destination>.<group>.dlq`, behind the prefix.'),
  deadLetterQueue: deadLetterQueue
    .prefault({})
    .describe('The queue of the dead letters: the same arguments as above, with values of its own.'),
} as const;

const exchangeOptions = z.strictObject(exchangeShape);
const queueOptions = z.strictObject(queueShape);
const argumentOptions = z.strictObject(argumentShape);

export type Provision = z.output<typeof provision>;
export type ExchangeOptions = z.output<typeof exchangeOptions>;
export type QueueOptions = z.output<typeof queueOptions>;
export type ArgumentOptions = z.output<typeof argumentOptions>;
