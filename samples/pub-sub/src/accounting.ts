import { Sink } from '@millrace/core';
import { inject, injectable } from 'inversify';
import { Deliveries, INSTANCE } from './deliveries';
import { PriceChanged } from './price-changed';

/** Values the stock anew. Another group, with a copy of its own: neither takes messages from the other. */
@injectable()
export class Accounting {
  constructor(
    @inject(INSTANCE) private readonly instance: string,
    private readonly deliveries: Deliveries,
  ) {}

  @Sink(PriceChanged, { group: 'accounting' })
  revalue(change: PriceChanged): void {
    this.deliveries.note('accounting', this.instance, change);
  }
}
