import { type ConfirmChannel, connect } from 'amqplib';
import type { Task } from '../broker/task';
import { noteFor, type OrderFields, plainOrder } from '../orders/order-fields';
import { declare, publishOptions } from './amqplib-client';
import { NEST_PATTERN, queueOf } from './queues';

const MOST_UNCONFIRMED = 1_000;
/** Where Millrace writes and reads the key of a message: AMQP has no place for it. */
const KEY_HEADER = 'millrace_key';

/** Makes exchanges and queues, and fills queues with orders for contenders to read. */
export class FilledQueues {
  readonly #channel: ConfirmChannel;
  readonly close: () => Promise<void>;

  private constructor(channel: ConfirmChannel, close: () => Promise<void>) {
    this.#channel = channel;
    this.close = close;
  }

  static async open(url: string): Promise<FilledQueues> {
    const connection = await connect(url, { noDelay: true });
    return new FilledQueues(await connection.createConfirmChannel(), () => connection.close());
  }

  async make(destination: string): Promise<void> {
    await declare(this.#channel, destination);
  }

  async empty(destination: string): Promise<void> {
    await this.#channel.purgeQueue(queueOf(destination));
  }

  /** Puts so many orders into the queue of the task, as the task wants them. */
  async fill(task: Task, messages: number): Promise<void> {
    const note = noteFor(task.bytes);
    for (let index = 0; index < messages; index += 1) {
      this.#send(task, plainOrder(index, note));
      if (index % MOST_UNCONFIRMED === 0) await this.#channel.waitForConfirms();
    }
    await this.#channel.waitForConfirms();
  }

  #send({ destination, contender, overlapping, invalid }: Task, order: OrderFields): void {
    if (invalid) order.quantity = 0;
    const content = contender === 'nest' ? { pattern: NEST_PATTERN, data: order } : order;
    const key = overlapping ? { [KEY_HEADER]: order.customerId } : {};
    this.#channel.sendToQueue(queueOf(destination), Buffer.from(JSON.stringify(content)), {
      ...publishOptions,
      headers: { ...publishOptions.headers, ...key },
    });
  }
}
