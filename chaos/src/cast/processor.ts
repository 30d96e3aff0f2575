import { type Message, Sink, Source } from '@millrace/core';
import { injectable } from 'inversify';
import { Label } from './label';
import { Parcel } from './parcel';
import { Witness } from './witness';

/** Turns parcels into labels. Keys side by side, so that an outage is made up for soon. */
@injectable()
export class Processor {
  constructor(private readonly witness: Witness) {}

  @Sink(Parcel, { group: 'processors', receive: 'message', concurrency: 8, ordering: 'key' })
  @Source(Label)
  async label(message: Message<Parcel>): Promise<Label> {
    return this.witness.watch('processors', message, () => Label.of(message.payload));
  }
}
