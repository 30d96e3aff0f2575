import { type BinderModule, defineBinder } from '@millrace/core/spi';
import { KafkaBinder } from './kafka-binder';
import { type KafkaOptions, kafkaConsumerOptions, kafkaOptions, kafkaProducerOptions } from './kafka-options';

export type { KafkaConsumerOptions, KafkaOptions, KafkaOptionsInput, KafkaProducerOptions } from './kafka-options';

/** Found by `type: kafka`. */
export const binder: BinderModule<KafkaOptions> = defineBinder({
  type: 'kafka',
  options: kafkaOptions,
  producerOptions: kafkaProducerOptions,
  consumerOptions: kafkaConsumerOptions,
  create: (context) => new KafkaBinder(context),
});
