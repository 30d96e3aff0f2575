import { type Logger, MillraceError, type OutboundRecord, type ProducerBinding } from '@millrace/core/spi';
import type { MemoryBroker } from './memory-broker';
import type { MemoryDestination } from './memory-destination';
import { OpenCount } from './open-count';

export interface MemoryProducerOptions {
  readonly binding: string;
  readonly destination: MemoryDestination;
  readonly broker: MemoryBroker;
  readonly logger: Logger;
}

const kept = Promise.resolve();

/** Appends to one destination. */
export class MemoryProducer implements ProducerBinding {
  private readonly waiting = new OpenCount();
  private closed = false;
  private toldOfWaiting = false;

  constructor(private readonly options: MemoryProducerOptions) {}

  send(record: OutboundRecord): Promise<void> {
    try {
      return this.append(record);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  close(): Promise<void> {
    this.closed = true;
    return this.waiting.whenNone();
  }

  /** Rejects the sends that still wait for room. */
  abandon(): void {
    this.closed = true;
    this.options.destination.giveUp(this.stopped(), this);
  }

  /** Most sends are kept at once, and need no promise of their own. */
  private append(record: OutboundRecord): Promise<void> {
    const { destination, broker } = this.options;
    if (this.closed) throw this.stopped();
    const room = destination.append(broker.take(record, destination.name), this);
    if (room !== undefined) return this.wait(room);
    broker.pace.spend();
    // A loop of sends that are all kept at once would run in microtasks alone and starve everything else.
    return broker.pace.turnIsSpent ? broker.pace.nextTurn() : kept;
  }

  private async wait(room: Promise<void>): Promise<void> {
    this.warnOnce();
    this.waiting.enter();
    try {
      await room;
    } finally {
      this.waiting.leave();
    }
  }

  private warnOnce(): void {
    if (this.toldOfWaiting) return;
    this.toldOfWaiting = true;
    const { binding, destination, logger } = this.options;
    const facts = { binding, destination: destination.name, groups: destination.groupsBehind() };
    logger.warn(facts, 'send() waits: the destination is full of records that these groups have not finished');
  }

  private stopped(): MillraceError {
    return new MillraceError('APPLICATION_STOPPED', `producer ${this.options.binding} is closed; nothing was sent`);
  }
}
