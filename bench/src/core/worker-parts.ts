// What a worker thread of the bench loads, and what the bench itself sends to.
import { createHash } from 'node:crypto';
import { channel, Sink, type WorkerParts } from '@millrace/core';
import { Order } from '../orders/order';

export const OrdersForThreads = channel('orders.threads', Order);
export const Roasted = channel('orders.roasted', Order);

/** Turns of the hash: about a millisecond. */
const TURNS = 1_000;

export class AnsweredOrders {
  @Sink(OrdersForThreads)
  take(order: Order): void {
    if (order.quantity < 1) throw new Error('an order of nothing');
  }
}

export class ComputingSink {
  @Sink(Roasted)
  roast(order: Order): void {
    let roasted = order.id;
    for (let turn = 0; turn < TURNS; turn += 1) roasted = createHash('sha256').update(roasted).digest('hex');
    if (roasted === '') throw new Error('burnt');
  }
}

export default { components: [AnsweredOrders, ComputingSink] } satisfies WorkerParts;
