import { Sink } from '@millrace/core';
import { inject, injectable } from 'inversify';
import { Deliveries, INSTANCE } from './deliveries';
import { PriceChanged } from './price-changed';

/** Prints a new label for the window. One label is enough: a group, whose members share one copy of the messages. */
@injectable()
export class ShopWindow {
  constructor(
    @inject(INSTANCE) private readonly instance: string,
    private readonly deliveries: Deliveries,
  ) {}

  @Sink(PriceChanged, { group: 'shop-window' })
  printLabel(change: PriceChanged): void {
    this.deliveries.note('shop window', this.instance, change);
  }
}
