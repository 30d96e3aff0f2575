import { type BinderModule, defineBinder } from '@millrace/core/spi';
import { RabbitmqBinder } from './rabbitmq-binder';
import {
  type RabbitmqOptions,
  rabbitmqConsumerOptions,
  rabbitmqOptions,
  rabbitmqProducerOptions,
} from './rabbitmq-options';

export type {
  RabbitmqConsumerOptions,
  RabbitmqOptions,
  RabbitmqOptionsInput,
  RabbitmqProducerOptions,
} from './rabbitmq-options';

/** Found by `type: rabbitmq`. */
export const binder: BinderModule<RabbitmqOptions> = defineBinder({
  type: 'rabbitmq',
  options: rabbitmqOptions,
  producerOptions: rabbitmqProducerOptions,
  consumerOptions: rabbitmqConsumerOptions,
  create: (context) => new RabbitmqBinder(context),
});
