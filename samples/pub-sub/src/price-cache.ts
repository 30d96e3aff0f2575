import { Sink } from '@millrace/core';
import { inject, injectable } from 'inversify';
import { Deliveries, INSTANCE } from './deliveries';
import { PriceChanged } from './price-changed';

/**
 * The prices this instance answers with. Each instance must hear of every change, so it is a broadcast; what was sent while
 * the instance was away it does not get, and a real cache would begin by asking the database.
 */
@injectable()
export class PriceCache {
  readonly prices = new Map<string, number>();

  constructor(
    @inject(INSTANCE) private readonly instance: string,
    private readonly deliveries: Deliveries,
  ) {}

  @Sink(PriceChanged, { broadcast: true })
  remember(change: PriceChanged): void {
    this.prices.set(change.article, change.cents);
    this.deliveries.note('cache', this.instance, change);
  }
}
