import { channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Customs = channel('customs', Parcel);

/** Trouble that lasts: after the attempts in place the message is set aside for each of `retry.delays`, and others go on. */
@injectable()
export class CustomsBroker {
  constructor(private readonly story: Story) {}

  @Sink(Customs, { group: 'brokers' })
  declare({ number, address }: Parcel, { attempt }: Message<Parcel>): void {
    if (address === 'Overseas' && attempt < 5) throw new Error(`papers of parcel ${number} are still being read`);
    this.story.handled(attempt, `parcel ${number} for ${address} passed`);
  }
}
