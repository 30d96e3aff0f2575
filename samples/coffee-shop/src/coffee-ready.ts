import { Channel } from '@millrace/core';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsNotEmpty, IsString, IsUUID, Min } from 'class-validator';
import type { Order } from './order';

/** A drink on the counter. It says all the buzzer needs, so that nobody has to ask for the order again. */
@Channel('coffee-ready', { key: (ready: CoffeeReady) => ready.customer })
export class CoffeeReady {
  @IsUUID() orderId!: string;
  @IsInt() @Min(1) ticket!: number;
  @IsString() @IsNotEmpty() customer!: string;
  @IsString() @IsNotEmpty() drink!: string;
  @IsString() @IsNotEmpty() barista!: string;
  @Type(() => Date) @IsDate() placedAt!: Date;

  static of({ id: orderId, ticket, customer, drink, placedAt }: Order, barista: string): CoffeeReady {
    return Object.assign(new CoffeeReady(), { orderId, ticket, customer, drink, placedAt, barista });
  }
}
