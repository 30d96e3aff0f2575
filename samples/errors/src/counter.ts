import { channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Counter = channel('counter', Parcel);

/** Sees only what is a parcel. Bytes that are none go to the dead letter as they came, without a call. */
@injectable()
export class Clerk {
  constructor(private readonly story: Story) {}

  @Sink(Counter, { group: 'clerks' })
  accept({ number, address }: Parcel, { attempt }: Message<Parcel>): void {
    this.story.handled(attempt, `parcel ${number} for ${address} accepted`);
  }
}
