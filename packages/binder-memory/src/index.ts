import { type BinderModule, defineBinder, z } from '@millrace/core/spi';
import { MemoryBinder } from './memory-binder';
import type { MemoryBroker } from './memory-broker';
import { type MemoryOptions, memoryConsumerOptions, memoryOptions, memoryProducerOptions } from './memory-options';

export { MemoryBroker } from './memory-broker';
export type { MemoryBacklog } from './memory-destination';
export type { MemoryConsumerOptions, MemoryOptions, MemoryOptionsInput } from './memory-options';
export type { MemoryRecord } from './memory-record';

// #region module
/** Found by `type: memory`. Each binder made has a broker of its own, which ends with it. */
export const binder: BinderModule<MemoryOptions> = defineBinder({
  type: 'memory',
  options: memoryOptions,
  producerOptions: memoryProducerOptions,
  consumerOptions: memoryConsumerOptions,
  create: (context) => MemoryBinder.alone(context),
});
// #endregion module

/**
 * The same binder over a given broker, so that several applications of one process meet, or a broker outlives its
 * application. It takes no options in the configuration: they are given to the broker.
 */
export function memoryBinder(broker: MemoryBroker): BinderModule {
  return defineBinder<unknown>({
    type: 'memory',
    options: z.strictObject({}),
    producerOptions: memoryProducerOptions,
    consumerOptions: memoryConsumerOptions,
    create: (context) => MemoryBinder.sharing(broker, context),
  });
}
