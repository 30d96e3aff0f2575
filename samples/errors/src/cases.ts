import type { ChannelToken } from '@millrace/core';
import { Bags } from './bags';
import { Customs } from './customs';
import { Doorbell } from './doorbell';
import { Ferry } from './ferry';
import { Flyers } from './flyers';
import { Lift } from './lift';
import { Parcel } from './parcel';
import { Round } from './round';

/** Something that goes wrong: what is sent, and what is to be seen. */
export interface Case {
  readonly title: string;
  readonly about: string;
  readonly sent:
    | { readonly channel: ChannelToken<Parcel>; readonly parcels: readonly Parcel[] }
    /** What the stranger writes. */
    | { readonly texts: readonly string[] };
}

const parcels = (...addresses: string[]): Parcel[] => addresses.map((address, index) => Parcel.of(index + 1, address));

export const cases: readonly Case[] = [
  {
    title: 'Retry in place',
    about: 'called again after 50 ms and 100 ms; parcel 2 waits behind it',
    sent: { channel: Doorbell, parcels: parcels('Sleepy Lane 1', 'Mill Lane 2') },
  },
  {
    title: 'Attempts used up',
    about: 'maxAttempts: 3, then the dead letter, with the reason',
    sent: { channel: Doorbell, parcels: parcels('Empty House 7') },
  },
  {
    title: 'Delayed rungs',
    about: 'delays: [100ms, 200ms], two attempts each; parcel 2 does not wait',
    sent: { channel: Customs, parcels: parcels('Overseas', 'the next town') },
  },
  {
    title: 'Reject',
    about: 'the handler knows that it is no use: dead letter at once',
    sent: { channel: Round, parcels: parcels('Nowhere Road', 'Mill Lane') },
  },
  {
    title: 'RetryLater',
    about: 'the handler says when: again after 150 ms, others go on',
    sent: { channel: Ferry, parcels: parcels('Far Island', 'Near Island') },
  },
  {
    title: 'Invalid payload from a stranger',
    about: 'bytes that are no parcel: dead letter untouched, the handler is not called',
    sent: {
      texts: ['one parcel, please', '{"number":0,"address":""}', '{"number":3,"address":"Mill Lane"}'],
    },
  },
  {
    title: 'Batch',
    about: 'BatchFailed names items: only these come again, only these are dead-lettered',
    sent: { channel: Bags, parcels: parcels('Mill Lane', 'smudged', 'Brook Street', 'illegible', 'Mill Lane') },
  },
  {
    title: 'Discard',
    about: 'deadLetter: discard; thrown away, because the configuration says so',
    sent: { channel: Flyers, parcels: parcels('Brook Street 4') },
  },
  {
    title: 'Timeout',
    about: 'timeout: 150ms; the signal fires, and the attempt has failed',
    sent: { channel: Lift, parcels: parcels('the fifth floor') },
  },
];
