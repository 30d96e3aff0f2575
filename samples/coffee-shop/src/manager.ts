import { channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Journal } from './journal';
import { Order } from './order';

/** Orders that no barista could make: a second channel of the same class. Configuration points dead letters there. */
const RefusedOrder = channel('refused', Order);

/** A dead letter is a message like any other: the order as it was sent, and the reason in a header. */
@injectable()
export class Manager {
  constructor(private readonly journal: Journal) {}

  @Sink(RefusedOrder)
  apologise(order: Order, message: Message<Order>): void {
    this.journal.write({ kind: 'refused', order, reason: String(message.headers['x-exception-message']) });
  }
}
