import type { Backlog, Member, MemoryReader } from './memory-reader';

/** What a consumer holds of a destination. */
export interface Subscription {
  /** Records that are not finished: of the whole group, or of the one broadcast consumer. */
  readonly lag: number;
  /** Takes no more records; what is open may still be settled. */
  leave(): void;
  /** Gives back what is open, too. */
  abandon(): void;
}

/**
 * A named group in one destination: its place in each partition, and the members that share them now. Each partition belongs
 * to one member at a time, so that its order holds; with more members than partitions some are idle. The group stays when
 * its last member leaves.
 */
export class MemoryGroup {
  private readonly readers: MemoryReader[] = [];
  private members: readonly Member[] = [];

  get lag(): number {
    return this.readers.reduce((sum, reader) => sum + reader.lag, 0);
  }

  get backlogs(): Backlog[] {
    return this.readers.flatMap((reader) => reader.backlog ?? []);
  }

  /** Takes the next partition in. */
  add(reader: MemoryReader): void {
    this.readers.push(reader);
    reader.assign(this.memberFor(reader.partition));
  }

  join(member: Member): Subscription {
    this.share([...this.members, member]);
    const lag = (): number => this.lag;
    return {
      get lag() {
        return lag();
      },
      leave: () => this.share(this.members.filter((other) => other !== member)),
      abandon: () => {
        for (const reader of this.readers) reader.abandon(member);
      },
    };
  }

  private share(members: readonly Member[]): void {
    this.members = members;
    for (const reader of this.readers) reader.assign(this.memberFor(reader.partition));
  }

  /** In turn over the members by order of joining; a member with a static share goes before those without. */
  private memberFor(partition: number): Member | undefined {
    const fixed = this.members.filter(({ share }) => share !== undefined && partition % share.count === share.index);
    if (fixed.length > 0) return fixed[Math.floor(partition / (fixed[0]?.share?.count ?? 1)) % fixed.length];
    const free = this.members.filter(({ share }) => share === undefined);
    return free[partition % free.length];
  }
}
