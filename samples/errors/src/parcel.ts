import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';

/** What every channel of this sample carries. */
export class Parcel {
  @IsInt() @Min(1) number!: number;
  @IsString() @IsNotEmpty() address!: string;

  static of(number: number, address: string): Parcel {
    return Object.assign(new Parcel(), { number, address });
  }
}
