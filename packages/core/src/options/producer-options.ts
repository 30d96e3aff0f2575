import { z } from 'zod';
import { duration } from './duration-schema';

/** What every producer has, whatever the broker. */
export const producerOptions = z.strictObject({
  key: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Property path of the payload whose value is the key, such as `customer.id`. Messages of one key keep their order.',
    ),
  partitionCount: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Number of partitions; needed where the broker does not choose them itself.'),
  requiredGroups: z
    .array(z.string().min(1))
    .default([])
    .describe('Groups whose copy is kept from the start, before their first consumer.'),
  health: z
    .strictObject({
      stalledAfter: duration()
        .default(60_000)
        .describe('When sends are open and none is settled for longer, the binding is `down`.'),
    })
    .prefault({})
    .describe('When the binding counts as alive but not moving.'),
  native: z.record(z.string(), z.unknown()).default({}).describe("The binder's own options; see its page."),
});

export type ProducerOptions = z.input<typeof producerOptions>;
export type ProducerSettings = Readonly<z.output<typeof producerOptions>>;
