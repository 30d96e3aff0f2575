import { channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Doorbell = channel('doorbell', Parcel);

/** Throws, and is called again after a back-off; what is behind waits its turn. Who never opens ends in the dead letter. */
@injectable()
export class Postman {
  constructor(private readonly story: Story) {}

  @Sink(Doorbell, { group: 'postmen' })
  ring({ number, address }: Parcel, { attempt }: Message<Parcel>): void {
    const opensAt = address === 'Sleepy Lane 1' ? 3 : 1;
    if (address === 'Empty House 7' || attempt < opensAt) throw new Error(`nobody opens at ${address}`);
    this.story.handled(attempt, `parcel ${number} handed over at ${address}`);
  }
}
