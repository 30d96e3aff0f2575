import { BareBinder } from '@millrace/binder-test-suite';
import { binder } from '../src/index';
import type { KafkaOptionsInput } from '../src/kafka-options';
import { clientUnderTest } from './client-under-test';

/** The bare Kafka binder, with the client that all tests are to use. */
export class Rig extends BareBinder {
  constructor(options: KafkaOptionsInput) {
    super(binder, { ...clientUnderTest, ...options });
  }
}
