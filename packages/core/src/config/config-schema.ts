import { z } from 'zod';
import { consumerOptions } from '../options/consumer-options';
import { duration } from '../options/duration-schema';
import { layer } from '../options/layer';
import { producerOptions } from '../options/producer-options';

const binderConfig = z
  .looseObject({
    type: z
      .string()
      .min(1)
      .describe(
        '`memory` loads the package `@millrace/binder-memory`; a full package name loads that, and so does a path, relative to the folder of the configuration file.',
      ),
    startup: z
      .enum(['fail', 'retry'])
      .default('fail')
      .describe(
        'What happens when the broker cannot be reached at start. `fail`: the application does not start. `retry`: it starts, and the bindings of this binder are tried again with back-off until they open or the application stops.',
      ),
  })
  .describe("A broker. The other keys are the binder's own options; see its page.");

const bindingConfig = z
  .strictObject({
    destination: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe('Topic or exchange. Default: the name of the channel. Consumers may read several.'),
    binder: z
      .string()
      .min(1)
      .optional()
      .describe('Name of a binder under `binders`. Default: `defaultBinder`, or the only one.'),
    contentType: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Media type of messages that do not name one. Default: what the channel says, `application/json` for classes and schemas, `text/plain` for text, `application/octet-stream` for bytes.',
      ),
    producer: layer(producerOptions).optional().describe('Options of whoever sends to the channel.'),
    consumer: layer(consumerOptions).optional().describe('Options of every consumer of the channel.'),
    groups: z
      .record(z.string(), layer(consumerOptions))
      .optional()
      .describe('Options of one group, stronger than those under `consumer`.'),
  })
  .describe('Joins a channel to a destination.');

/** The configuration file. */
export const millraceConfig = z.strictObject({
  $schema: z.string().optional().describe('Address of the JSON Schema, for editors. Nothing else reads it.'),
  app: z.string().min(1).default('application').describe('Name of the application; the group of sinks that name none.'),
  defaultBinder: z.string().min(1).optional().describe('Binder of the bindings that name none.'),
  binders: z
    .record(z.string(), binderConfig)
    .default({})
    .describe('Brokers, by a name of your own. Default: one in memory.'),
  bindings: z.record(z.string(), bindingConfig).default({}).describe('Channels, by name.'),
  instance: z
    .strictObject({
      index: z.number().int().min(0).describe('Number of this instance, from 0.'),
      count: z.number().int().min(1).describe('Number of instances.'),
    })
    .refine(({ index, count }) => index < count, 'index must be below count')
    .optional()
    .describe('For static assignment of partitions: this instance takes those with `partition % count = index`.'),
  drainTimeout: duration().default(30_000).describe('How long running handlers may go on when the application stops.'),
  logging: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info')
        .describe('Least level that is written.'),
    })
    .prefault({})
    .describe('The built-in logger.'),
});

/** What an author writes, as an object or in a file. */
export type MillraceConfig = z.input<typeof millraceConfig>;
/** What is in force. */
export type ResolvedConfig = Readonly<z.output<typeof millraceConfig>>;
export type BinderConfig = ResolvedConfig['binders'][string];
export type BindingConfig = NonNullable<ResolvedConfig['bindings'][string]>;
