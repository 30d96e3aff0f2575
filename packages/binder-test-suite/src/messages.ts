import { Channel, channel } from '@millrace/core';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, IsString, Min } from 'class-validator';

/** What most checks send. Its customer is its key; without one it has none. */
@Channel<Order>('orders', { key: (order) => order.customer })
export class Order {
  @IsInt() @Min(1) number!: number;
  @IsString() drink!: string;
  @IsOptional() @IsString() customer?: string;
  @Type(() => Date) @IsDate() placedAt!: Date;
}

/** What processors send on. */
@Channel('receipts')
export class Receipt {
  @IsInt() order!: number;
  @IsString() text!: string;
}

/** Second channels of one class, for checks with several destinations. */
export const FirstOrders = channel('orders.first', Order, { key: (order) => order.customer });
export const SecondOrders = channel('orders.second', Order, { key: (order) => order.customer });

/** Every channel above, by name: the configuration of each check binds them to destinations of its own. */
export const channelNames = ['orders', 'receipts', FirstOrders.name, SecondOrders.name] as const;

export function order(number: number, changes: Partial<Order> = {}): Order {
  return Object.assign(
    new Order(),
    { number, drink: 'flat white', placedAt: new Date(1_700_000_000_000 + number) },
    changes,
  );
}

/** Orders number 1 to `count`. */
export function orders(count: number, changes: (number: number) => Partial<Order> = () => ({})): Order[] {
  return Array.from({ length: count }, (_, index) => order(index + 1, changes(index + 1)));
}

export function receipt(of: Order, text = `one ${of.drink}`): Receipt {
  return Object.assign(new Receipt(), { order: of.number, text });
}

/** Numbers of the orders, in rising order; equal lists mean equal sets, with equal numbers of copies. */
export function numbersOf(handled: readonly Order[]): number[] {
  return handled.map((each) => each.number).sort((a, b) => a - b);
}

/** 1 to `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
