import { type BinderModule, defineBinder, z } from '@millrace/core/spi';
import { MemoryBinder } from './memory-binder';
import type { MemoryBroker } from './memory-broker';
import {
  type MemoryBinderOptions,
  memoryBinderOptions,
  memoryConsumerOptions,
  memoryProducerOptions,
} from './memory-options';
import { NamedBrokers } from './named-brokers';

export { MemoryBroker } from './memory-broker';
export type { MemoryBacklog } from './memory-destination';
export type { MemoryBinderOptions, MemoryConsumerOptions, MemoryOptions, MemoryOptionsInput } from './memory-options';
export type { MemoryRecord } from './memory-record';

/** Belongs to the process, as its memory does: applications that know nothing of each other meet at a name. */
const namedBrokers = new NamedBrokers();

// #region module
/** Found by `type: memory`. Each binder made has a broker of its own, which ends with it, or shares one by name. */
export const binder: BinderModule<MemoryBinderOptions> = defineBinder({
  type: 'memory',
  options: memoryBinderOptions,
  producerOptions: memoryProducerOptions,
  consumerOptions: memoryConsumerOptions,
  create: (context) => MemoryBinder.configured(context, namedBrokers),
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
