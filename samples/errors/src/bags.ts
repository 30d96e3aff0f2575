import { BatchFailed, channel, type Message, Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { Parcel } from './parcel';
import { Story } from './story';

export const Bags = channel('bags', Parcel);

/** Takes parcels by the bag and names those that failed: only these come again, or go to the dead letter. */
@injectable()
export class Sorter {
  constructor(private readonly story: Story) {}

  @Sink(Bags, { group: 'sorters', batch: true })
  sort(parcels: Parcel[], messages: Message<Parcel>[]): void {
    const attempt = messages[0]?.attempt ?? 1;
    const failures = new Map<number, Error>();
    parcels.forEach(({ number, address }, index) => {
      const isLegible = address !== 'illegible' && (address !== 'smudged' || attempt > 1);
      if (!isLegible) failures.set(index, new Error(`the address of parcel ${number} is ${address}`));
    });
    const sorted = parcels.filter((_, index) => !failures.has(index)).map(({ number }) => number);
    this.story.handled(attempt, `a bag of ${parcels.length}: sorted parcel ${sorted.join(', ')}`);
    if (failures.size > 0) throw new BatchFailed(failures);
  }
}
