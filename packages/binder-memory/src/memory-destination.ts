import type { MemoryClock } from './memory-clock';
import { MemoryGroup, type Subscription } from './memory-group';
import type { MemoryOptions, StartFrom } from './memory-options';
import { MemoryPartition } from './memory-partition';
import { type Backlog, type Member, MemoryReader } from './memory-reader';
import type { RecordContent, StoredRecord } from './memory-record';
import { MemoryRetention } from './memory-retention';
import { PartitionChoice } from './partition-choice';

/** What a destination shares with the others of its broker. */
export interface DestinationContext {
  readonly options: MemoryOptions;
  readonly clock: MemoryClock;
  /** Numbers the records in order of arrival. */
  readonly nextSequence: () => number;
}

/** What a group, or one broadcast consumer, has still to do in a destination. */
export interface MemoryBacklog extends Backlog {
  readonly destination: string;
  /** `undefined`: a broadcast consumer. */
  readonly group: string | undefined;
}

interface Broadcast {
  readonly member: Member;
  readonly readers: MemoryReader[];
}

/** A partitioned log with the groups and broadcast consumers that read it. */
export class MemoryDestination {
  private readonly partitions: MemoryPartition[] = [];
  private readonly groups = new Map<string, MemoryGroup>();
  private readonly broadcasts = new Set<Broadcast>();
  private readonly choice: PartitionChoice;
  private readonly retention: MemoryRetention;

  constructor(
    readonly name: string,
    private readonly context: DestinationContext,
    partitions: number,
  ) {
    this.choice = new PartitionChoice(name, partitions);
    this.retention = new MemoryRetention(context.options.retention, {
      write: (content) => this.write(content),
      drop: (record) => this.partitions[record.partition]?.drop(record),
    });
    this.growTo(partitions);
  }

  get partitionCount(): number {
    return this.partitions.length;
  }

  /** Adds partitions up to this number; never takes one away. */
  growTo(count: number): void {
    while (this.partitions.length < count) {
      const partition = new MemoryPartition(this.name, this.partitions.length);
      this.partitions.push(partition);
      for (const group of this.groups.values()) group.add(this.groupReader(partition, 'earliest'));
      for (const broadcast of this.broadcasts) this.listenTo(partition, broadcast);
    }
  }

  /** Appends a record: at once (`undefined`), or when the promise resolves because there was no room before. */
  append(content: RecordContent, sender: object): Promise<void> | undefined {
    if (content.wantedPartition !== undefined) this.choice.existing(content.wantedPartition, this.partitions.length);
    return this.retention.keep(content, sender);
  }

  /** Rejects the sends that wait for room; of one sender, or of all. */
  giveUp(reason: Error, sender?: object): void {
    this.retention.giveUp(reason, sender);
  }

  /** The group's place in this destination, made where the group is new. */
  group(name: string, startFrom: StartFrom): MemoryGroup {
    return this.groups.get(name) ?? this.addGroup(name, startFrom);
  }

  /** A live copy from now on. */
  listen(member: Member): Subscription {
    const broadcast: Broadcast = { member, readers: [] };
    this.broadcasts.add(broadcast);
    for (const partition of this.partitions) this.listenTo(partition, broadcast);
    const leave = (): void => {
      this.broadcasts.delete(broadcast);
      for (const reader of broadcast.readers) reader.end();
    };
    return {
      get lag() {
        return broadcast.readers.reduce((sum, reader) => sum + reader.lag, 0);
      },
      leave,
      abandon: leave,
    };
  }

  /** Unfinished records of a group; 0 for a group that is not known here. */
  lag(group: string): number {
    return this.groups.get(group)?.lag ?? 0;
  }

  /** What the consumers that read at present have still to do, summed over the partitions. */
  backlogs(): MemoryBacklog[] {
    const groups = [...this.groups].map(([group, { backlogs }]) => ({ group, backlogs }));
    const broadcasts = [...this.broadcasts].map(({ readers }) => ({
      group: undefined,
      backlogs: readers.flatMap((reader) => reader.backlog ?? []),
    }));
    return [...groups, ...broadcasts]
      .filter(({ backlogs }) => backlogs.length > 0)
      .map(({ group, backlogs }) => ({
        destination: this.name,
        group,
        waiting: backlogs.reduce((sum, { waiting }) => sum + waiting, 0),
        open: backlogs.reduce((sum, { open }) => sum + open, 0),
        parked: backlogs.reduce((sum, { parked }) => sum + parked, 0),
      }));
  }

  /** Groups that have something left to do, for the message of a send that waits for them. */
  groupsBehind(): string[] {
    return [...this.groups].filter(([, group]) => group.lag > 0).map(([name]) => name);
  }

  /** What is kept, in order of arrival. */
  records(): StoredRecord[] {
    return this.partitions
      .flatMap((partition) => [...partition.records()])
      .sort((one, other) => one.sequence - other.sequence);
  }

  private write(content: RecordContent): StoredRecord {
    const partition = this.partitions[this.choice.choose(content, this.partitions.length)] as MemoryPartition;
    return partition.append(content, this.context.nextSequence(), this.groups.size);
  }

  private addGroup(name: string, startFrom: StartFrom): MemoryGroup {
    const group = new MemoryGroup();
    this.groups.set(name, group);
    for (const partition of this.partitions) {
      group.add(this.groupReader(partition, startFrom));
      if (startFrom === 'earliest') for (const record of partition.records()) record.unfinished += 1;
    }
    if (startFrom === 'earliest') this.retention.reclaim();
    return group;
  }

  private groupReader(partition: MemoryPartition, startFrom: StartFrom): MemoryReader {
    return new MemoryReader(partition, this.context.clock, { startFrom, finished: (record) => this.finished(record) });
  }

  private listenTo(partition: MemoryPartition, { member, readers }: Broadcast): void {
    const reader = new MemoryReader(partition, this.context.clock, { startFrom: 'latest', finished: undefined });
    reader.assign(member);
    readers.push(reader);
  }

  private finished(record: StoredRecord): void {
    record.unfinished -= 1;
    if (record.unfinished === 0) this.retention.release(record);
  }
}
