import { Channel } from '@millrace/core';
import { IsInt, IsNotEmpty, IsNumber, IsString, Min } from 'class-validator';
import type { Reading } from './reading';

/** A reading in degrees that the office understands. */
@Channel('temperatures', { key: (temperature: Temperature) => temperature.station })
export class Temperature {
  @IsString() @IsNotEmpty() station!: string;
  @IsInt() @Min(1) number!: number;
  @IsNumber() celsius!: number;

  static of({ station, number, fahrenheit }: Reading): Temperature {
    const celsius = Math.round(((fahrenheit - 32) / 1.8) * 10) / 10;
    return Object.assign(new Temperature(), { station, number, celsius });
  }
}
