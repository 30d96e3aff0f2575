import { MillraceError } from '@millrace/core/spi';
import type { RecordContent } from './memory-record';

/** Chooses the partition of each record of one destination: the one asked for, else by key, else in turn. */
export class PartitionChoice {
  private turn = 0;

  /**
   * `keyed` is the number of partitions that keys are spread over: what the destination began with, even when it has grown
   * since. So a key never moves, and its order holds.
   */
  constructor(
    private readonly destination: string,
    private readonly keyed: number,
  ) {}

  /** Throws SEND_FAILED for a partition that does not exist. */
  choose({ wantedPartition, key }: RecordContent, partitions: number): number {
    if (wantedPartition !== undefined) return this.existing(wantedPartition, partitions);
    if (key !== undefined) return hash(key) % this.keyed;
    const partition = this.turn % partitions;
    this.turn = partition + 1;
    return partition;
  }

  existing(wanted: number, partitions: number): number {
    if (Number.isInteger(wanted) && wanted >= 0 && wanted < partitions) return wanted;
    throw new MillraceError(
      'SEND_FAILED',
      `${this.destination} has the partitions 0 to ${partitions - 1}, not ${wanted}`,
      {
        retryable: false,
      },
    );
  }
}

/** FNV-1a over the characters, mixed once more so that the low bits depend on all of them. */
function hash(key: string): number {
  let sum = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) sum = Math.imul(sum ^ key.charCodeAt(index), 0x01000193);
  sum ^= sum >>> 16;
  sum = Math.imul(sum, 0x45d9f3b);
  return (sum ^ (sum >>> 15)) >>> 0;
}
