import type {
  BindingVitals,
  ConsumerBinding,
  ConsumerRequest,
  InboundRecord,
  Logger,
  Settlement,
} from '@millrace/core/spi';
import { settlements } from '@millrace/core/spi';
import { BytePool } from './byte-pool';
import type { Subscription } from './memory-group';
import type { MemoryPace } from './memory-pace';
import type { Member, MemoryReader, Outstanding } from './memory-reader';
import { deliveryOf, type StoredRecord } from './memory-record';
import { OpenCount } from './open-count';

/** Takes records from its readers, oldest first, as long as fewer than `prefetch` deliveries are open. */
export class MemoryConsumer implements Member, ConsumerBinding {
  readonly share: Member['share'];
  /** Readers that may have something. */
  private readonly ready = new Set<MemoryReader>();
  private readonly open = new OpenCount();
  private readonly pool = new BytePool();
  private subscription: Subscription | undefined;
  private paused = false;
  private closed = false;
  private abandoned = false;
  private pumpIsDue = false;
  private inTrouble = false;
  private hasMissed = false;

  constructor(
    private readonly request: ConsumerRequest,
    private readonly pace: MemoryPace,
    private readonly logger: Logger,
  ) {
    // Every broadcast consumer has its own copy of everything, so there is nothing to share.
    this.share = request.group === undefined ? undefined : request.instance;
  }

  /** Binds it to what it reads; called once. */
  reads(subscription: Subscription): void {
    this.subscription = subscription;
  }

  offer(reader: MemoryReader): void {
    this.ready.add(reader);
    this.wake();
  }

  missed(record: StoredRecord): void {
    if (this.hasMissed) return;
    this.hasMissed = true;
    const facts = { binding: this.request.binding, destination: record.destination, position: String(record.offset) };
    this.logger.warn(
      facts,
      'this broadcast consumer is too slow: records are dropped before it has had them (told once)',
    );
  }

  vitals(): BindingVitals {
    return { lag: this.subscription?.lag };
  }

  async pause(): Promise<void> {
    this.paused = true;
  }

  async resume(): Promise<void> {
    this.paused = false;
    this.wake();
  }

  close(): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.subscription?.leave();
    }
    return this.open.whenNone();
  }

  /** Gives open deliveries back without waiting for their verdicts, which then count no more. */
  abandon(): void {
    void this.close();
    this.abandoned = true;
    this.subscription?.abandon();
    this.open.abandon();
  }

  private get takesMore(): boolean {
    return !this.paused && !this.closed && this.open.size < this.request.prefetch;
  }

  private wake(): void {
    if (this.pumpIsDue || this.ready.size === 0 || !this.takesMore) return;
    this.pumpIsDue = true;
    this.pace.run(this.pump);
  }

  private readonly pump = (): void => {
    this.pumpIsDue = false;
    while (this.takesMore && !this.pace.turnIsSpent) {
      const reader = this.oldest();
      const entry = reader?.take();
      if (reader === undefined || entry === undefined) return;
      this.pace.spend();
      this.hand(reader, entry);
    }
    this.wake();
  };

  /** Of all readers the one whose next record arrived first: a lone consumer gets records in the order they were sent. */
  private oldest(): MemoryReader | undefined {
    let oldest: MemoryReader | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const reader of this.ready) {
      const sequence = reader.nextFor(this);
      if (sequence === Number.POSITIVE_INFINITY) this.ready.delete(reader);
      else if (sequence < least) [oldest, least] = [reader, sequence];
    }
    return oldest;
  }

  private hand(reader: MemoryReader, entry: Outstanding): void {
    const handover = entry.handovers;
    this.open.enter();
    this.deliver(deliveryOf(entry, this.pool)).then(
      (settlement) => this.settle(reader, entry, handover, settlement),
      (fault: unknown) => this.settleBroken(reader, entry, handover, fault),
    );
  }

  /** The contract forbids `deliver` to throw; should it, the record comes back all the same. */
  private deliver(record: InboundRecord): Promise<Settlement> {
    try {
      return Promise.resolve(this.request.deliver(record));
    } catch (fault) {
      return Promise.reject(fault);
    }
  }

  private settle(reader: MemoryReader, entry: Outstanding, handover: number, settlement: Settlement): void {
    try {
      reader.settle(entry, handover, settlement);
      if (this.inTrouble) this.report(undefined);
      this.leave();
    } catch (fault) {
      this.settleBroken(reader, entry, handover, fault);
    }
  }

  private settleBroken(reader: MemoryReader, entry: Outstanding, handover: number, fault: unknown): void {
    this.report(
      new Error(`${this.request.binding}: a delivery ended without a verdict; the record comes again`, {
        cause: fault,
      }),
    );
    reader.settle(entry, handover, settlements.requeue);
    this.leave();
  }

  private report(trouble: Error | undefined): void {
    this.inTrouble = trouble !== undefined;
    this.request.report(trouble);
  }

  private leave(): void {
    if (this.abandoned) return;
    this.open.leave();
    this.wake();
  }
}
