import { parseOptions, z } from '@millrace/core/spi';

const MEBIBYTE = 1024 * 1024;

const count = z.int().min(1);

const retention = z.strictObject({
  records: count
    .default(10_000)
    .describe(
      'Most records kept per destination. Default 10000. Finished records beyond it are dropped, the longest finished first; where all of them are still wanted by a group, send() waits.',
    ),
  bytes: count
    .default(64 * MEBIBYTE)
    .describe(
      'Most bytes kept per destination, payloads, keys and headers together. Default 67108864 (64 MiB). Works as `records` does; a record larger than all of it is taken only into an empty destination.',
    ),
});

/** Strict schema of the options of a memory broker. */
export const memoryOptions = z.strictObject({
  partitions: z
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe(
      'Partitions of a new destination; a producer with a higher partitionCount raises it. Default 4. So many members of a group can work at once; records keep their order within a partition. With 1 the whole destination is in order, and one member does all the work.',
    ),
  retention: retention.prefault({}).describe('How much a destination keeps, and with it when send() waits.'),
  maxRecordBytes: count
    .default(8 * MEBIBYTE)
    .describe('Largest payload in bytes. Default 8388608 (8 MiB). A larger one is refused with PAYLOAD_TOO_LARGE.'),
});

/** Strict schema of the options of the binder: those of its broker, and which broker that is. */
export const memoryBinderOptions = memoryOptions.extend({
  broker: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Name of a broker that all binders of this process share which name it, so that several applications meet there. Their other options have to be the same. It begins with the first of them and ends with the last. Default: a broker of its own.',
    ),
});

// #region consumer
/** Strict schema of the `native` part of a consumer's options. */
export const memoryConsumerOptions = z.strictObject({
  startFrom: z
    .enum(['earliest', 'latest'])
    .default('earliest')
    .describe(
      'Where a group starts that the destination has not seen before: with everything still kept, or with what is sent from now on. Default earliest. A known group goes on where it was; a broadcast consumer always starts from now.',
    ),
});
// #endregion consumer

/** Strict schema of the `native` part of a producer's options: there are none. */
export const memoryProducerOptions = z.strictObject({});

/** Options of a memory broker with every default filled in. */
export type MemoryOptions = z.output<typeof memoryOptions>;
/** Options of the binder with every default filled in. */
export type MemoryBinderOptions = z.output<typeof memoryBinderOptions>;
/** Options of a memory broker as they are written; each can be left out. */
export type MemoryOptionsInput = z.input<typeof memoryOptions>;
export type MemoryConsumerOptions = z.output<typeof memoryConsumerOptions>;

/** Where a group starts that is new to a destination. */
export type StartFrom = MemoryConsumerOptions['startFrom'];

/** Fills in the defaults; throws CONFIGURATION_INVALID naming every fault. */
export function parseMemoryOptions(input: MemoryOptionsInput): MemoryOptions {
  return parseOptions(memoryOptions, input, 'memory broker');
}

/** The same for what a consumer's `native` holds; `undefined` means all defaults. */
export function parseMemoryConsumerOptions(native: unknown, binding: string): MemoryConsumerOptions {
  return parseOptions(memoryConsumerOptions, native ?? {}, `native consumer options of ${binding}`);
}
