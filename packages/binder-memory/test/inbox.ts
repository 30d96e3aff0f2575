import { type InboundRecord, type Settlement, settlements } from '@millrace/core/spi';

interface OpenDelivery {
  readonly record: InboundRecord;
  readonly resolve: (settlement: Settlement) => void;
}

/** What a consumer was handed, in order. Acknowledges at once, or holds the deliveries open for the test to settle. */
export class Inbox {
  readonly received: InboundRecord[] = [];
  mostOpen = 0;
  private readonly open: OpenDelivery[] = [];
  private verdict: ((record: InboundRecord) => Settlement | Promise<Settlement>) | undefined = () => settlements.ack;

  /** From now on deliveries stay open. */
  hold(): this {
    this.verdict = undefined;
    return this;
  }

  /** From now on deliveries get this verdict. */
  answer(verdict: (record: InboundRecord) => Settlement | Promise<Settlement>): this {
    this.verdict = verdict;
    return this;
  }

  get texts(): string[] {
    return this.received.map(text);
  }

  get openTexts(): string[] {
    return this.open.map(({ record }) => text(record));
  }

  /** Settles the open delivery of a record. */
  settle(wanted: string, settlement: Settlement = settlements.ack): void {
    const index = this.open.findIndex(({ record }) => text(record) === wanted);
    if (index < 0) throw new Error(`no open delivery of '${wanted}', only of ${this.openTexts.join(', ') || 'none'}`);
    this.open.splice(index, 1)[0]?.resolve(settlement);
  }

  /** Settles everything that is open, in any order the test likes. */
  settleAll(settlement: Settlement = settlements.ack): void {
    for (const { resolve } of this.open.splice(0)) resolve(settlement);
  }

  async deliver(record: InboundRecord): Promise<Settlement> {
    this.received.push(record);
    if (this.verdict !== undefined) return this.verdict(record);
    return new Promise((resolve) => {
      this.open.push({ record, resolve });
      this.mostOpen = Math.max(this.mostOpen, this.open.length);
    });
  }
}

export function text(record: { readonly payload: Uint8Array | null }): string {
  return record.payload === null ? '(tombstone)' : Buffer.from(record.payload).toString();
}
