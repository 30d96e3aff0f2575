import { Channel } from '@millrace/core';
import { IsInt, IsNotEmpty, IsNumber, IsString, Min } from 'class-validator';

/** What a thermometer shows. Readings of one station keep their order, on whatever broker. */
@Channel('readings', { key: (reading: Reading) => reading.station })
export class Reading {
  @IsString() @IsNotEmpty() station!: string;
  @IsInt() @Min(1) number!: number;
  @IsNumber() fahrenheit!: number;

  static of(station: string, number: number, fahrenheit: number): Reading {
    return Object.assign(new Reading(), { station, number, fahrenheit });
  }
}
