import { type DeadLetter, type DeadLetterTarget, isPattern } from '@millrace/core/spi';
import { deadLetterDestination, type MemoryBroker } from './memory-broker';
import { deadLetterRecord } from './memory-record';

/** Writes the dead letters of one consumer into destinations that can be read like any other. */
export class MemoryDeadLetters {
  constructor(
    private readonly broker: MemoryBroker,
    private readonly group: string | undefined,
    private readonly target: DeadLetterTarget,
  ) {}

  /** Destinations that are known beforehand and are none of their own name: what the configuration names. */
  get configured(): string[] {
    return [this.target.destination, this.target.invalidDestination].filter((name) => name !== undefined);
  }

  /** Makes the destinations, with as many partitions as those they stand for. */
  provision(destinations: readonly string[]): void {
    for (const destination of destinations.filter((name) => !isPattern(name))) {
      const { partitionCount } = this.broker.declare(destination);
      for (const kind of ['failed', 'invalid'] as const)
        this.broker.declare(this.nameFor(kind, destination), partitionCount);
    }
  }

  async write(letter: DeadLetter): Promise<void> {
    const name = this.nameFor(letter.kind, letter.record.destination);
    const { partition } = letter.record;
    const samePartition = partition !== undefined && partition < this.broker.declare(name).partitionCount;
    await this.broker.publish(name, deadLetterRecord(letter, samePartition ? partition : undefined));
  }

  private nameFor(kind: DeadLetter['kind'], destination: string): string {
    const { target } = this;
    const configured = (kind === 'invalid' ? target.invalidDestination : undefined) ?? target.destination;
    return configured ?? deadLetterDestination(destination, this.group);
  }
}
