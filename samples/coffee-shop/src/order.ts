import { randomUUID } from 'node:crypto';
import { Channel } from '@millrace/core';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsNotEmpty, IsString, IsUUID, Min } from 'class-validator';

/** What a customer wants. The class is the typed name of its channel; one customer's orders keep their order. */
@Channel('orders', { key: (order: Order) => order.customer })
export class Order {
  @IsUUID() id: string = randomUUID();
  @IsInt() @Min(1) ticket: number;
  @IsString() @IsNotEmpty() customer: string;
  @IsString() @IsNotEmpty() drink: string;
  @Type(() => Date) @IsDate() placedAt: Date = new Date();

  constructor(ticket: number, customer: string, drink: string) {
    this.ticket = ticket;
    this.customer = customer;
    this.drink = drink;
  }
}
