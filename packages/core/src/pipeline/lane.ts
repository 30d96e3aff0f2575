import type { InboundRecord } from '../binder/record';
import type { ConsumerSettings } from '../options/consumer-options';

/** {@link laneOf} for many records, with names that need not be put together for each of them. */
export class Lanes {
  readonly #ordering: ConsumerSettings['ordering'];
  readonly #known = new Map<string, Map<number | undefined, string>>();
  /** Keys of the destination that was first seen, as a rule the only one, are names themselves. */
  #first: string | undefined;

  constructor(ordering: ConsumerSettings['ordering']) {
    this.#ordering = ordering;
  }

  of(record: InboundRecord): string | undefined {
    if (this.#ordering === 'key') {
      this.#first ??= record.destination;
      return record.destination === this.#first ? record.key : laneOf(record, 'key');
    }
    if (this.#ordering !== 'partition') return laneOf(record, this.#ordering);
    const { destination, partition } = record;
    return this.#known.get(destination)?.get(partition) ?? this.#learn(record);
  }

  #learn(record: InboundRecord): string | undefined {
    const { destination, partition } = record;
    const partitions = this.#known.get(destination) ?? new Map<number | undefined, string>();
    this.#known.set(destination, partitions);
    const lane = laneOf(record, 'partition');
    if (lane !== undefined) partitions.set(partition, lane);
    return lane;
  }
}

/** Records of one lane are handled one after the other. `undefined`: no order is promised. */
export function laneOf(record: InboundRecord, ordering: ConsumerSettings['ordering']): string | undefined {
  if (ordering === 'none') return undefined;
  if (ordering === 'key') return record.key === undefined ? undefined : `${record.destination}\u0000${record.key}`;
  return `${record.destination}\u0000${record.partition ?? ''}`;
}
