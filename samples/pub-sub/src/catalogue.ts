import { Source } from '@millrace/core';
import { injectable } from 'inversify';
import { PriceChanged } from './price-changed';

/** Says that a price has changed, once, and knows of nobody who listens. */
@injectable()
export class Catalogue {
  constructor(@Source(PriceChanged) private readonly changes: Source<PriceChanged>) {}

  async announce(change: PriceChanged): Promise<void> {
    await this.changes.send(change);
  }
}
