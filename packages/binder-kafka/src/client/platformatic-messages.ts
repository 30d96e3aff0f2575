import type { RecordRoutes, RecordToSend } from '../kafka-port';
import { withoutPartition } from './platformatic-faults';
import type { EncodableRecord } from './platformatic-library';

/** A record with its partition, which it keeps in every repeat. */
export type PlacedRecord = EncodableRecord & { readonly partition: number };

/** So many names of headers are kept as bytes; more than that are made each time. */
const MOST_NAMES = 200;

/** Turns records into what the library encodes. */
export class PlatformaticMessages {
  readonly #names = new Map<string, Buffer>();

  /** Partitions have to be known to the routes. @throws UNKNOWN_TOPIC_OR_PARTITION */
  place(topic: string, records: readonly RecordToSend[], routes: RecordRoutes): PlacedRecord[] {
    return records.map((record) => {
      const partition = record.partition ?? routes.partitionOf(topic, record);
      if (partition === undefined) throw withoutPartition(topic, partition);
      const { key, value, timestamp } = record;
      const placed = { topic, partition, key, value, headers: this.#headersOf(record.headers) };
      return (timestamp === undefined ? placed : { ...placed, timestamp: BigInt(timestamp) }) as PlacedRecord;
    });
  }

  #headersOf(headers: RecordToSend['headers']): Map<Buffer, Buffer> {
    const entries = new Map<Buffer, Buffer>();
    for (const name of Object.keys(headers)) {
      const value = headers[name] as Buffer | Buffer[];
      // Bytes of its own for each value: a name that is the same object would stand but once.
      if (Array.isArray(value)) for (const each of value) entries.set(Buffer.from(name), each);
      else entries.set(this.#nameOf(name), value);
    }
    return entries;
  }

  #nameOf(name: string): Buffer {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const bytes = Buffer.from(name);
    if (this.#names.size < MOST_NAMES) this.#names.set(name, bytes);
    return bytes;
  }
}
