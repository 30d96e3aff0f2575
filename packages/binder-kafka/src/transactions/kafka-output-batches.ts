import type { Compression, RecordToSend } from '../kafka-port';
import { BATCH_OVERHEAD, sizeOf } from '../wire/kafka-record';
import type { Output } from './kafka-outputs';

/** What one request holds. */
export interface OutputBatch {
  readonly topic: string;
  readonly compression: Compression;
  readonly records: RecordToSend[];
}

const MOST_RECORDS = 500;
const MOST_BYTES = 1_000_000;

/** Puts outputs into few requests, in their order for each topic. None holds more than a topic takes at once, as far as that is known. */
export function outputBatches(
  outputs: readonly Output[],
  limitOf: (topic: string) => number | undefined,
): readonly OutputBatch[] {
  const batches: OutputBatch[] = [];
  const open = new Map<string, { readonly batch: OutputBatch; bytes: number }>();
  for (const { topic, record, compression } of outputs) {
    const size = sizeOf(record);
    const limit = Math.min(MOST_BYTES, (limitOf(topic) ?? MOST_BYTES) - BATCH_OVERHEAD);
    const known = open.get(topic);
    const hasRoom =
      known !== undefined &&
      known.batch.compression === compression &&
      known.batch.records.length < MOST_RECORDS &&
      known.bytes + size <= limit;
    if (hasRoom) {
      known.batch.records.push(record);
      known.bytes += size;
      continue;
    }
    const batch: OutputBatch = { topic, compression, records: [record] };
    batches.push(batch);
    open.set(topic, { batch, bytes: size });
  }
  return batches;
}
