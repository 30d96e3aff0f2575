import type { MessageHeaders } from '@millrace/core/spi';
import type { RabbitmqWriter } from '../producing/rabbitmq-writer';
import { isUnroutable } from '../rabbitmq-errors';
import type { DeliveredMessage, QueueDeclaration } from '../rabbitmq-port';
import { readable, type Source } from '../wire/rabbitmq-record';
import { parkedMessage, type RabbitmqRetryQueues, type RetryPlace } from './rabbitmq-retry-queues';

export interface ParkingOptions {
  readonly queues: RabbitmqRetryQueues;
  readonly writer: RabbitmqWriter;
  readonly declare: (queue: QueueDeclaration) => Promise<void>;
  /** Sees to the queues that were there from the start. */
  readonly provision: () => Promise<void>;
}

/** Parks messages of one group in queues, so that delays outlive this process and hold nothing up. */
export class RabbitmqParking {
  readonly #options: ParkingOptions;

  constructor(options: ParkingOptions) {
    this.#options = options;
  }

  /** `false`: the delay is not worth a queue, or none may be made. Resolves when the broker has the message. */
  async park(source: Source, delayMs: number, headers: MessageHeaders): Promise<boolean> {
    const place = this.#options.queues.placeFor(source.queue.queue, delayMs, Date.now());
    if (place === undefined) return false;
    const dueAt = place.delayMs < delayMs ? Date.now() + delayMs : undefined;
    const message = parkedMessage(itemOf(source), headers, { queue: place.queue, dueAt });
    await this.#declare(place);
    try {
      await this.#options.writer.send(message);
    } catch (error) {
      if (!isUnroutable(error)) throw error;
      // Somebody has deleted it meanwhile.
      await this.#restore(source, delayMs);
      await this.#options.writer.send(message);
    }
    return true;
  }

  async #restore(source: Source, delayMs: number): Promise<void> {
    const { queues, provision } = this.#options;
    queues.forget();
    const place = queues.placeFor(source.queue.queue, delayMs, Date.now());
    if (place?.declare === undefined) await provision();
    else await this.#declare(place);
  }

  async #declare(place: RetryPlace): Promise<void> {
    if (place.declare === undefined) return;
    await this.#options.declare(place.declare);
    this.#options.queues.declared(place, Date.now());
  }
}

/** The message as if its item had come alone. */
function itemOf(source: Source): DeliveredMessage {
  const { message, item } = source;
  return item === undefined ? message : { ...message, body: item.body, properties: readable(source) };
}
