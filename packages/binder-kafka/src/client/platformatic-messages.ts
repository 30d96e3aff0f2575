import { grouped } from '../grouped';
import type { Compression, RecordRoutes, RecordToSend } from '../kafka-port';
import { HeaderNames } from './header-names';
import { withoutPartition } from './platformatic-faults';
import type { PlatformaticLibrary, RequestWriter } from './platformatic-library';
import { type BatchTools, recordBatch } from './record-batch';

/** A record with its partition, which it keeps in every repeat. */
export type PlacedRecord = RecordToSend & { readonly partition: number };

const ALL_REPLICAS = -1;

/** Turns records into requests. */
export class PlatformaticMessages {
  readonly #library: PlatformaticLibrary;
  readonly #tools: BatchTools;

  constructor(library: PlatformaticLibrary, compression: Compression) {
    this.#library = library;
    const { bitmask, compressSync } = library.compressionsAlgorithms[compression];
    this.#tools = {
      crc32c: library.crc32c,
      nameOf: new HeaderNames().bytesOf,
      compression: compression === 'none' ? undefined : { number: bitmask, compress: compressSync },
    };
  }

  /** Partitions have to be known to the routes. @throws UNKNOWN_TOPIC_OR_PARTITION */
  place(topic: string, records: readonly RecordToSend[], routes: RecordRoutes): PlacedRecord[] {
    return records.map((record) => {
      const partition = record.partition ?? routes.partitionOf(topic, record);
      if (partition === undefined) throw withoutPartition(topic, partition);
      return record.partition === partition ? (record as PlacedRecord) : { ...record, partition };
    });
  }

  /** A Produce request of version 9, one batch for each partition. @param timeoutMs for the broker to have it on all replicas */
  request(topic: string, records: readonly PlacedRecord[], timeoutMs: number): RequestWriter {
    const now = Date.now();
    const batches = [...grouped(records, ({ partition }) => partition)].map(
      ([partition, those]) => [partition, recordBatch(those, now, this.#tools)] as const,
    );
    return this.#library.Writer.create()
      .appendString(null)
      .appendInt16(ALL_REPLICAS)
      .appendInt32(timeoutMs)
      .appendArray([topic], (topics, name) =>
        topics
          .appendString(name)
          .appendArray(batches, (partitions, [partition, batch]) =>
            partitions.appendInt32(partition).appendBytes(batch),
          ),
      )
      .appendTaggedFields();
  }
}
