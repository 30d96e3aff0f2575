import 'reflect-metadata';
import { Type } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsNumber, IsPositive, IsString, IsUUID, Length, Max, Min } from 'class-validator';
import { fill, type OrderFields } from './order-fields';

/** The order as a class, with the rules an application would give it. Knows no framework, so that all of them can use it. */
export class Order implements OrderFields {
  @IsUUID() id!: string;
  @IsString() @Length(1, 40) customerId!: string;
  @IsString() drink!: string;
  @IsIn(['small', 'medium', 'large']) size!: string;
  @IsInt() @Min(1) @Max(100) quantity!: number;
  @IsNumber() @IsPositive() price!: number;
  @Type(() => Date) @IsDate() placedAt!: Date;
}

/** A larger one. */
export class NotedOrder extends Order {
  @IsString() note!: string;
}

export function orderOf(index: number): Order {
  return fill(new Order(), index);
}

export function notedOrderOf(index: number, note: string): NotedOrder {
  return fill(new NotedOrder(), index, note);
}
