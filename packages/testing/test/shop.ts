import { Channel, channel, type Message, Reject, RetryLater, Sink, Source } from '@millrace/core';
import { IsInt, IsString, Min } from 'class-validator';
import { injectable } from 'inversify';

@Channel('orders')
export class Order {
  @IsInt() @Min(1) ticket!: number;
  @IsString() drink!: string;
}

@Channel('coffee-ready', { key: 'drink' })
export class CoffeeReady {
  @IsInt() ticket!: number;
  @IsString() drink!: string;
}

/** What is no order, on the channel of orders. */
export const Cancellation = channel('till', class Cancellation {});
export class Payment {
  @IsInt() cents!: number;
}
export const Payments = channel('till', Payment);

export function order(ticket: number, drink = 'espresso'): Order {
  return Object.assign(new Order(), { ticket, drink });
}

/** Makes coffee; some drinks make trouble. */
@injectable()
export class Barista {
  readonly attempts: number[] = [];

  constructor(@Source(CoffeeReady) private readonly ready: Source<CoffeeReady>) {}

  @Sink(Order, { group: 'baristas' })
  async brew({ ticket, drink }: Order, message: Message<Order>): Promise<void> {
    this.attempts.push(message.attempt);
    if (drink === 'unicorn latte') throw new Reject('nobody can make that');
    if (drink === 'cold brew' && message.attempt < 3) throw new RetryLater('1h', 'not cold yet');
    if (drink === 'decaf') throw new Error('out of decaf');
    if (drink === 'flaky' && message.attempt === 1) throw new Error('the grinder jammed');
    await this.ready.send(Object.assign(new CoffeeReady(), { ticket, drink }));
  }
}

/** Has two classes on one channel. */
@injectable()
export class Till {
  readonly rung: string[] = [];

  @Sink(Payments)
  pay(payment: Payment): void {
    this.rung.push(`${payment.cents}`);
  }

  @Sink(Cancellation)
  cancel(): void {
    this.rung.push('cancelled');
  }
}
