import { Channel } from '@millrace/core';
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import { hashOf } from './hash';

const LONGEST_TEXT = 400;

/** What producers send. Everything in it follows from key and number, so anybody can tell what its bytes must be. */
@Channel('parcels', { key: (parcel: Parcel) => parcel.key })
export class Parcel {
  @IsString() @IsNotEmpty() key!: string;
  @IsInt() @Min(1) number!: number;
  @IsString() text!: string;

  static of(key: string, number: number): Parcel {
    const name = `${key}#${number} `;
    const length = hashOf(name) % LONGEST_TEXT;
    return Object.assign(new Parcel(), { key, number, text: name.repeat(Math.ceil(length / name.length)) });
  }
}
