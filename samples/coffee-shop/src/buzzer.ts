import { Sink } from '@millrace/core';
import { injectable } from 'inversify';
import { CoffeeReady } from './coffee-ready';
import { Journal } from './journal';

/** Calls customers whose coffee is on the counter. */
@injectable()
export class Buzzer {
  constructor(private readonly journal: Journal) {}

  @Sink(CoffeeReady)
  buzz(ready: CoffeeReady): void {
    this.journal.write({ kind: 'buzzed', ready, waitedMs: Date.now() - ready.placedAt.getTime() });
  }
}
