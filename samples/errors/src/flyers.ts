import { channel, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';

export const Flyers = channel('flyers', Parcel);

/** Nothing is kept of what fails here: the configuration says `discard`. */
@injectable()
export class FlyerCarrier {
  @Sink(Flyers, { group: 'carriers' })
  drop({ address }: Parcel): void {
    throw new Error(`"no advertising" at ${address}`);
  }
}
