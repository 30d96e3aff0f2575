import { channel, type Message, Reject, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Round = channel('round', Parcel);

const STREETS = ['Mill Lane', 'Brook Street'];

/** Knows that trying again would be no use, and says so: dead letter at once. */
@injectable()
export class Carrier {
  constructor(private readonly story: Story) {}

  @Sink(Round, { group: 'carriers' })
  deliver({ number, address }: Parcel, { attempt }: Message<Parcel>): void {
    if (!STREETS.includes(address)) throw new Reject(`there is no ${address} in this town`);
    this.story.handled(attempt, `parcel ${number} delivered to ${address}`);
  }
}
