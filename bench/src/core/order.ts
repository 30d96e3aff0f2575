import 'reflect-metadata';
import { Channel, channel } from '@millrace/core';
import { Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsNumber, IsPositive, IsString, IsUUID, Length, Max, Min } from 'class-validator';

/** The message of every figure: 7 fields, about 195 bytes of JSON. */
@Channel('orders')
export class Order {
  @IsUUID() id!: string;
  @IsString() @Length(1, 40) customerId!: string;
  @IsString() drink!: string;
  @IsIn(['small', 'medium', 'large']) size!: string;
  @IsInt() @Min(1) @Max(100) quantity!: number;
  @IsNumber() @IsPositive() price!: number;
  @Type(() => Date) @IsDate() placedAt!: Date;
}

export const Bills = channel('bills', Order);
export const OrdersUnchecked = channel('orders.unchecked', Order, { validate: false });

const drinks = [
  'flat white with oat milk',
  'double espresso, short',
  'cappuccino, extra foam',
  'filter coffee of the day',
];
const firstOrderAt = Date.UTC(2026, 0, 1);

/** The order of that number: built the way an application would, so that its cost is in every figure alike. */
export function orderOf(index: number): Order {
  const order = new Order();
  order.id = `3f2c8a4e-51d7-4c0b-9a36-${String(index % 1_000_000_000_000).padStart(12, '0')}`;
  order.customerId = `customer-${(index % 10_000) + 10_000}`;
  order.drink = drinks[index % drinks.length] as string;
  order.size = 'medium';
  order.quantity = (index % 9) + 1;
  order.price = (index % 500) / 100 + 2.5;
  order.placedAt = new Date(firstOrderAt + index * 1_000);
  return order;
}
