import { randomUUID } from 'node:crypto';
import { Channel } from '@millrace/core';
import { IsInt, IsNotEmpty, IsString, IsUUID, Min } from 'class-validator';

/** An article has a new price. Changes of one article keep their order, so that nobody ends with an old price. */
@Channel('price-changes', { key: (change: PriceChanged) => change.article })
export class PriceChanged {
  @IsUUID() id: string = randomUUID();
  @IsInt() @Min(1) number!: number;
  @IsString() @IsNotEmpty() article!: string;
  @IsInt() @Min(0) cents!: number;

  static of(number: number, article: string, cents: number): PriceChanged {
    return Object.assign(new PriceChanged(), { number, article, cents });
  }
}
