// Cut into docs/migrating-from-nestjs-microservices.md; run by migration.test.ts.
import { type Message, Reject, RetryLater, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Order } from '../decorators';

class Busy extends Error {}

async function pay({ drink }: Order, { attempt }: Message<Order>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (drink === 'cold brew' && attempt === 1) throw new Busy('the terminal is busy');
  if (drink === 'decaf') throw new Error('the terminal is broken');
}

// #region errors
@injectable()
export class Payments {
  @Sink(Order, { group: 'payments', retry: { maxAttempts: 5, backOff: { initial: '500ms' } } })
  async take(order: Order, message: Message<Order>, signal: AbortSignal): Promise<void> {
    if (order.quantity > 100) throw new Reject('no such order is possible'); // to the dead letter at once
    try {
      await pay(order, message, signal);
    } catch (error) {
      if (error instanceof Busy) throw new RetryLater('30s', 'the terminal is busy'); // others go on
      throw error; // five calls in all, then the dead letter
    }
  }
}
// #endregion
