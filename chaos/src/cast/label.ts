import { Channel } from '@millrace/core';
import { IsInt, IsNotEmpty, IsString, Min } from 'class-validator';
import type { Parcel } from './parcel';

/** What a processor makes of a parcel. */
@Channel('labels', { key: (label: Label) => label.key })
export class Label {
  @IsString() @IsNotEmpty() key!: string;
  @IsInt() @Min(1) number!: number;
  @IsString() content!: string;

  static of({ key, number, text }: Parcel): Label {
    return Object.assign(new Label(), { key, number, content: text.toUpperCase() });
  }
}
