import { BareBinder } from '@millrace/binder-test-suite';
import { binder } from '../src/index';
import type { RabbitmqOptionsInput } from '../src/rabbitmq-options';

/** The bare RabbitMQ binder. */
export class Rig extends BareBinder {
  constructor(options: RabbitmqOptionsInput) {
    super(binder, options);
  }
}
