import { MillraceError, type OutboundRecord, type ProducerBinding } from '@millrace/core/spi';
import { messageToPublish, type OutboundOptions } from '../wire/rabbitmq-record';
import type { RabbitmqWriter } from './rabbitmq-writer';

export interface RabbitmqProducerParts {
  readonly binding: string;
  readonly outbound: OutboundOptions;
  readonly writer: RabbitmqWriter;
  readonly startTimeout: number;
}

/** One producer binding: one exchange. */
export class RabbitmqProducer implements ProducerBinding {
  readonly #parts: RabbitmqProducerParts;
  #isClosed = false;

  constructor(parts: RabbitmqProducerParts) {
    this.#parts = parts;
  }

  /** Provisions, connects, and resolves when records can be sent. */
  start(): Promise<void> {
    return this.#parts.writer.start(this.#parts.startTimeout);
  }

  send(record: OutboundRecord): Promise<void> {
    const { writer, outbound, binding } = this.#parts;
    if (this.#isClosed)
      return Promise.reject(
        new MillraceError('APPLICATION_STOPPED', `producer ${binding} is closed; nothing was sent`),
      );
    try {
      return writer.send(messageToPublish(record, outbound));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#parts.writer.close();
  }

  abandon(): Promise<void> {
    this.#isClosed = true;
    return this.#parts.writer.abandon();
  }
}
