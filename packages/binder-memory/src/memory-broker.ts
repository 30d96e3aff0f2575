import { destinationPattern, isPattern, MillraceError, type OutboundRecord } from '@millrace/core/spi';
import { BytePool } from './byte-pool';
import { MemoryClock } from './memory-clock';
import { type MemoryBacklog, MemoryDestination } from './memory-destination';
import type { Subscription } from './memory-group';
import { type MemoryOptions, type MemoryOptionsInput, parseMemoryOptions, type StartFrom } from './memory-options';
import { MemoryPace } from './memory-pace';
import type { Member } from './memory-reader';
import { type MemoryRecord, type RecordContent, recordContent, recordView } from './memory-record';

/** What a consumer wants to read. */
export interface MemoryInterest {
  /** Names, and patterns such as `orders.*`. */
  readonly destinations: readonly string[];
  readonly group: string | undefined;
  readonly startFrom: StartFrom;
  /** Destinations that no pattern of this consumer may match: its own dead letters. */
  readonly except: readonly string[];
}

/**
 * A broker in the memory of the process: destinations as partitioned logs, groups with places of their own, redelivery,
 * delayed redelivery, back-pressure. Nothing survives the process.
 *
 * Applications that are to meet must share one, by its name in the configuration (`broker`) or in code:
 *
 * ```ts
 * const broker = new MemoryBroker({ partitions: 8 });
 * await Millrace.create({ binders: [memoryBinder(broker)], … });
 * ```
 */
export class MemoryBroker {
  readonly options: MemoryOptions;
  /** Used by the binder. */
  readonly pace = new MemoryPace();
  private readonly clock = new MemoryClock();
  private readonly pool = new BytePool();
  private readonly destinations = new Map<string, MemoryDestination>();
  private readonly patternWatchers = new Set<(destination: MemoryDestination) => void>();
  private sequence = 0;
  private closed = false;

  /** Throws CONFIGURATION_INVALID on options that break their schema. */
  constructor(options: MemoryOptionsInput = {}) {
    this.options = parseMemoryOptions(options);
  }

  /**
   * Appends a record, to a new destination if need be. Resolves when it is kept, which can take as long as a group that is
   * behind. Rejects with PAYLOAD_TOO_LARGE, HEADER_INVALID, SEND_FAILED (no such partition) or APPLICATION_STOPPED.
   */
  async publish(destination: string, record: OutboundRecord): Promise<void> {
    const target = this.declare(destination);
    await target.append(this.take(record, destination), this);
  }

  /** What a destination keeps, oldest first: unfinished records, and finished ones within the retention. Copies. */
  records(destination: string): MemoryRecord[] {
    const records = this.destinations.get(destination)?.records() ?? [];
    const pool = new BytePool();
    return records.map((record) => recordView(record, pool));
  }

  /** The dead letters of a group where they have the binder's own name, `error.<destination>.<group>`. */
  deadLetters(destination: string, group: string): MemoryRecord[] {
    return this.records(deadLetterDestination(destination, group));
  }

  /** Records of a destination that a group has not finished: waiting, being handled, or parked for a delay. */
  lag(destination: string, group: string): number {
    return this.destinations.get(destination)?.lag(group) ?? 0;
  }

  /** What consumers have still to do, by destination and group. Groups that nobody reads at present are left out. */
  backlogs(): MemoryBacklog[] {
    return [...this.destinations.values()].flatMap((destination) => destination.backlogs());
  }

  /** Ends timers and deliveries; sends that wait for room are rejected with APPLICATION_STOPPED. Harmless when called again. */
  async close(): Promise<void> {
    this.closed = true;
    this.pace.close();
    this.clock.close();
    for (const destination of this.destinations.values()) destination.giveUp(this.stopped());
  }

  /** Used by the binder: copies a record for keeping. Throws PAYLOAD_TOO_LARGE or HEADER_INVALID. */
  take(record: OutboundRecord, destination: string): RecordContent {
    return recordContent(record, { destination, maxRecordBytes: this.options.maxRecordBytes }, this.pool);
  }

  /** Used by the binder: the destination, made where it is new, with at least this many partitions. */
  declare(name: string, partitions = 0): MemoryDestination {
    if (this.closed) throw this.stopped();
    if (isPattern(name)) {
      throw new MillraceError(
        'CONFIGURATION_INVALID',
        `'${name}' is a pattern; records are sent to one destination by its name`,
      );
    }
    const known = this.destinations.get(name);
    known?.growTo(partitions);
    return known ?? this.addDestination(name, Math.max(partitions, this.options.partitions));
  }

  /** Used by the binder: from now on the member gets what it is interested in, from later destinations too. */
  subscribe(member: Member, interest: MemoryInterest): Subscription {
    const held = new Map<MemoryDestination, Subscription>();
    const attach = (destination: MemoryDestination): void => {
      if (!held.has(destination)) held.set(destination, join(destination, member, interest));
    };
    const patterns = interest.destinations.filter(isPattern).map(destinationPattern);
    const attachMatching = (destination: MemoryDestination): void => {
      const { name } = destination;
      if (!interest.except.includes(name) && patterns.some((matches) => matches(name))) attach(destination);
    };
    for (const name of interest.destinations) if (!isPattern(name)) attach(this.declare(name));
    if (patterns.length > 0) {
      for (const destination of this.destinations.values()) attachMatching(destination);
      this.patternWatchers.add(attachMatching);
    }
    return {
      get lag() {
        return [...held.values()].reduce((sum, subscription) => sum + subscription.lag, 0);
      },
      leave: () => {
        this.patternWatchers.delete(attachMatching);
        for (const subscription of held.values()) subscription.leave();
      },
      abandon: () => {
        for (const subscription of held.values()) subscription.abandon();
      },
    };
  }

  private addDestination(name: string, partitions: number): MemoryDestination {
    const context = { options: this.options, clock: this.clock, nextSequence: () => this.sequence++ };
    const destination = new MemoryDestination(name, context, partitions);
    this.destinations.set(name, destination);
    for (const attach of this.patternWatchers) attach(destination);
    return destination;
  }

  private stopped(): MillraceError {
    return new MillraceError('APPLICATION_STOPPED', 'the memory broker is closed');
  }
}

/** Where the dead letters of a group go by default; of a broadcast consumer that asks for them, to `error.<destination>`. */
export function deadLetterDestination(destination: string, group: string | undefined): string {
  return group === undefined ? `error.${destination}` : `error.${destination}.${group}`;
}

function join(destination: MemoryDestination, member: Member, { group, startFrom }: MemoryInterest): Subscription {
  return group === undefined ? destination.listen(member) : destination.group(group, startFrom).join(member);
}
