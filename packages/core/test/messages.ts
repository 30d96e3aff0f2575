import { Channel, channel } from '@millrace/core';
import { IsInt, IsOptional, IsString, Min } from 'class-validator';

@Channel<Order>('orders', { key: (order) => order.customer })
export class Order {
  @IsString() id: string;
  @IsInt() @Min(1) quantity = 1;
  @IsOptional() @IsString() customer: string | undefined;

  constructor(id: string, customer?: string) {
    this.id = id;
    this.customer = customer;
  }
}

@Channel('receipts')
export class Receipt {
  @IsString() order: string;

  constructor(order: string) {
    this.order = order;
  }
}

/** A second channel of the same class. */
export const OrderCopies = channel('orders.copy', Order);

/** Names no channel. */
export class Plain {
  readonly kind = 'plain';
}
