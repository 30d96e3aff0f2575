import { channel, type Message, RetryLater, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Ferry = channel('ferry', Parcel);

/** Knows when to try again, and says so: the message comes back then, and meanwhile others go on. */
@injectable()
export class Sailor {
  constructor(private readonly story: Story) {}

  @Sink(Ferry, { group: 'sailors' })
  ship({ number, address }: Parcel, { attempt }: Message<Parcel>): void {
    if (address === 'Far Island' && attempt === 1) throw new RetryLater('150ms', `the boat to ${address} is out`);
    this.story.handled(attempt, `parcel ${number} shipped to ${address}`);
  }
}
