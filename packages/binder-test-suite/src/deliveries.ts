import { type InboundRecord, type Settlement, settlements } from '@millrace/core/spi';
import { until } from './eventually';
import { textOf } from './text-records';

/** What a bare binder delivers: pass its `deliver` to {@link BareBinder.consumer}, to several if need be. */
export class Deliveries {
  /** Every record, in the order they came; those delivered again too. */
  readonly records: InboundRecord[] = [];
  readonly #settle: (record: InboundRecord) => Settlement | Promise<Settlement>;

  /** Settles each record as told. Default: acknowledges it. */
  constructor(settle: (record: InboundRecord) => Settlement | Promise<Settlement> = () => settlements.ack) {
    this.#settle = settle;
  }

  readonly deliver = async (record: InboundRecord): Promise<Settlement> => {
    this.records.push(record);
    return this.#settle(record);
  };

  /** Payloads of {@link records} as text. */
  get texts(): string[] {
    return this.records.map(textOf);
  }

  has(payload: string): boolean {
    return this.records.some((record) => textOf(record) === payload);
  }

  /** Waits until so many have come, those delivered again counted in. */
  async until(count: number, timeoutMs = 20_000): Promise<readonly InboundRecord[]> {
    await until(
      () => this.records.length >= count,
      timeoutMs,
      () => `${this.records.length} of ${count} records`,
    );
    return this.records;
  }
}
