import {
  type DeadLetter,
  type DeadLetterTarget,
  deadLetterHeaders,
  deadLetterHeaderNames as names,
} from '@millrace/core/spi';
import type { HeaderMode } from '../kafka-options';
import type { FetchedRecord, RawHeaders, RecordToSend } from '../kafka-port';
import type { KafkaProvisioner, TopicWish } from '../provisioning/kafka-provisioner';
import { encodeHeaders, lastOf } from '../wire/kafka-headers';
import { sourceOf } from '../wire/source-mark';

export interface DeadLetterOptions {
  readonly binding: string;
  readonly group: string;
  readonly target: DeadLetterTarget;
  readonly mode: HeaderMode;
  readonly partitions: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly provisioner: KafkaProvisioner;
  /** Resolves when the broker has it, or when it is sure to be written with the end of its record. */
  readonly send: (letter: DeadLetter, topic: string, record: RecordToSend) => Promise<void>;
}

/** Writes the dead letters of one group as Spring Cloud Stream does, so that its tools read them. */
export class KafkaDeadLetters {
  readonly #options: DeadLetterOptions;
  readonly #partitions = new Map<string, number>();

  constructor(options: DeadLetterOptions) {
    this.#options = options;
  }

  /** Makes the topics, with as many partitions as those they stand for. */
  async provision(destinations: ReadonlyMap<string, number>): Promise<void> {
    const { binding, provisioner, partitions, settings } = this.#options;
    const wishes = [...destinations].flatMap(([destination, count]) =>
      (['failed', 'invalid'] as const).map(
        (kind): TopicWish => ({
          topic: this.topicFor(kind, destination),
          partitions: undefined,
          newPartitions: partitions ?? count,
          settings,
        }),
      ),
    );
    if (wishes.length === 0) return;
    for (const [topic, count] of await provisioner.ensure(binding, wishes)) this.#partitions.set(topic, count);
  }

  /** Resolves when the broker has it. */
  async write(letter: DeadLetter): Promise<void> {
    const { destination } = letter.record;
    const topic = this.topicFor(letter.kind, destination);
    // A topic that a pattern found only now; else the binding provided for it at its start.
    if (!this.#partitions.has(topic)) await this.provision(new Map([[destination, 1]]));
    const { send, mode } = this.#options;
    await send(
      letter,
      topic,
      deadLetterRecord(letter, sourceOf(letter.record.headers), mode, this.#partitions.get(topic)),
    );
  }

  topicFor(kind: DeadLetter['kind'], destination: string): string {
    const { target, group } = this.#options;
    const configured = (kind === 'invalid' ? target.invalidDestination : undefined) ?? target.destination;
    return configured ?? `error.${destination}.${group}`;
  }
}

/**
 * Key, body and headers byte for byte as they came, and the reason beside them: numbers big-endian and the rest as text, none of
 * it in the list of types. The reason of an earlier dead letter is replaced, so that the last one counts.
 */
export function deadLetterRecord(
  letter: DeadLetter,
  source: FetchedRecord | undefined,
  mode: HeaderMode,
  partitions: number | undefined,
): RecordToSend {
  const { record } = letter;
  return {
    key: source?.key ?? (record.key === undefined ? null : Buffer.from(record.key)),
    value: record.payload === null ? null : Buffer.from(record.payload),
    headers:
      mode === 'none'
        ? {}
        : { ...rawHeaders(source?.headers ?? encodeHeaders(record.headers, mode)), ...reason(letter) },
    // The same partition, so that dead letters of a key keep their order; folded where there are fewer.
    partition:
      record.partition === undefined || partitions === undefined
        ? undefined
        : record.partition % Math.max(1, partitions),
  };
}

function reason(letter: DeadLetter): Record<string, Buffer> {
  const { record } = letter;
  const plain = deadLetterHeaders({ ...letter, record: { ...placeOf(letter), headers: {} } });
  const headers: Record<string, Buffer> = {};
  for (const name of Object.values(names)) {
    const value = plain[name];
    if (value !== undefined) headers[name] = Buffer.from(String(value));
  }
  if (record.partition !== undefined) headers[names.originalPartition] = int32(record.partition);
  if (record.position !== undefined) headers[names.originalPosition] = int64(record.position);
  if (record.timestamp !== undefined) headers[names.originalTimestamp] = int64(record.timestamp.getTime());
  headers[TIMESTAMP_TYPE] = Buffer.from('CreateTime');
  return headers;
}

const TIMESTAMP_TYPE = 'x-original-timestamp-type';

/** The record may be an instance of a class with getters: only what is needed, by name. */
function placeOf({ record }: DeadLetter) {
  const { destination, partition, position, timestamp, deliveries } = record;
  return { destination, partition, position, timestamp, deliveries, payload: null };
}

/** kafkajs cannot write a header without a value: it becomes an empty one. */
function rawHeaders(headers: RawHeaders): Record<string, Buffer | Buffer[]> {
  // A header may be called `__proto__`: entries make it one like any other.
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((each) => Buffer.from(each ?? '')) : Buffer.from(lastOf(value) ?? ''),
    ]),
  );
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number | string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
