import type { ConsumerRequest, InboundRecord, Settlement } from '@millrace/core/spi';
import type { KafkaLease } from './kafka-lease';
import type { KafkaWindow, WindowEntry } from './kafka-window';

/** Under `exactlyOnce`: how the end of a record is committed together with what was sent for it. */
export interface Together<Output> {
  /** What goes with the verdict; `undefined`: the record is to be held here until its time. */
  outputs(
    window: KafkaWindow,
    entry: WindowEntry,
    delivered: InboundRecord,
    settlement: Settlement,
  ): Promise<readonly Output[] | undefined>;
  /** Resolves with whether it was committed. */
  commit(window: KafkaWindow, entry: WindowEntry, outputs: readonly Output[]): Promise<boolean>;
}

export interface DeliveryOptions<Output = unknown> {
  readonly request: Pick<ConsumerRequest, 'binding' | 'prefetch' | 'deliver' | 'report'>;
  /** While it is over nothing is handed over. */
  readonly lease: Pick<KafkaLease, 'isOver'>;
  readonly recordOf: (window: KafkaWindow, entry: WindowEntry) => InboundRecord;
  /** Keeps a record elsewhere for a while. `false`: it is to be held here instead. */
  readonly park: (
    window: KafkaWindow,
    entry: WindowEntry,
    delayMs: number,
    headers: Settlement & { verdict: 'requeue' },
  ) => Promise<boolean>;
  readonly together?: Together<Output> | undefined;
  readonly finished: () => void;
  /** Something waits no more: there may be room for another batch. */
  readonly moved: (window: KafkaWindow) => void;
}
