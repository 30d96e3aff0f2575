import type { InboundRecord, OutboundRecord, Settlement } from '@millrace/core/spi';

/** A record that the broker confirmed. */
export interface Sent {
  readonly destination: string;
  readonly record: OutboundRecord;
}

/** A delivery and what became of it. */
export interface Settled {
  readonly record: InboundRecord;
  readonly group: string | undefined;
  /** As the broker took it; see `Faults.refuseAcks`. */
  readonly verdict: Settlement['verdict'];
}

/** What crossed the contract between core and a wrapped binder, in the order it did. */
export class Traffic {
  /** Names of the consumer bindings made. */
  readonly consumers: string[] = [];
  readonly sent: Sent[] = [];
  readonly settled: Settled[] = [];
  /** Deliveries that core has not settled yet, and the most there ever were. */
  open = 0;
  peak = 0;

  delivered(): void {
    this.open += 1;
    this.peak = Math.max(this.peak, this.open);
  }

  wasSettled(settled: Settled): void {
    this.open -= 1;
    this.settled.push(settled);
  }

  count(verdict: Settlement['verdict']): number {
    return this.settled.filter((each) => each.verdict === verdict).length;
  }
}
