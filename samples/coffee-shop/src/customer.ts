import { Source } from '@millrace/core';
import { injectable } from 'inversify';
import { Journal } from './journal';
import { Order } from './order';

/** Who sends the orders. Knows that they were taken, and nothing of who makes the coffee, or when. */
@injectable()
export class Customer {
  constructor(
    @Source(Order) private readonly orders: Source<Order>,
    private readonly journal: Journal,
  ) {}

  /** Resolves when the broker has the order, which is long before the coffee is ready. */
  async order(ticket: number, name: string, drink: string): Promise<void> {
    const order = new Order(ticket, name, drink);
    this.journal.write({ kind: 'ordered', order });
    await this.orders.send(order);
  }
}
