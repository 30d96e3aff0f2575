import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { arbitraryFields } from '../../test/arbitrary-records';
import type { RecordToSend } from '../kafka-port';
import { crc32c } from './crc32c';
import { FetchedBatch } from './fetched-batch';
import { HeaderNames } from './header-names';
import { recordBatch } from './record-batch';
import { int16, int32 } from './whole-batches';
import { readFetch, recordsOf } from './whole-fetches';

interface Partition {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedBatch[];
}

interface Answer {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly Partition[] }[];
}

/** How kafkajs reads the answer itself, and what it makes of a partition; it exports neither. */
const load = createRequire(__filename);
const clients = load('kafkajs/src/protocol/requests/fetch/v11/response') as { decode(answer: Buffer): Promise<Answer> };
const ClientsBatch = load('kafkajs/src/consumer/batch') as new (
  topic: string,
  fetchedOffset: string,
  partition: Partition,
) => { readonly messages: never[]; readonly fetchedOffset: string; lastOffset(): string };

const NOW = 1_700_000_000_000;
const nameOf = new HeaderNames().bytesOf;
const gzip = { number: 1, compress: (records: Buffer) => gzipSync(records) };

interface Batch {
  readonly records: readonly RecordToSend[];
  readonly first: bigint;
  readonly attributes: number;
  readonly isCompressed: boolean;
  readonly writer: number;
}

/** As a broker keeps it, which gives it its first offset. */
function stored({ records, first, attributes, isCompressed, writer }: Batch): Buffer {
  const batch = recordBatch(
    records,
    NOW,
    { crc32c, nameOf, compression: isCompressed ? gzip : undefined },
    { id: BigInt(writer), epoch: 0, sequence: 0, isInTransaction: false },
  );
  batch.writeBigInt64BE(first, 0);
  batch.writeInt16BE(batch.readInt16BE(21) | attributes, 21);
  return batch;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

const listOf = (items: readonly Buffer[]): Buffer => Buffer.concat([int32(items.length), ...items]);

interface Wanted {
  readonly topic: string;
  readonly batches: readonly Batch[];
  readonly aborted: readonly { readonly writer: number; readonly first: bigint }[];
  /** Bytes of the last batch that the limit of the fetch has cut off. */
  readonly cut: number;
}

function answerWith({ topic, batches, aborted, cut }: Wanted): Buffer {
  const all = Buffer.concat(batches.map(stored));
  // kafkajs reads no set of less than 17 bytes, and no broker sends one.
  const set = all.length - cut < 17 ? all : all.subarray(0, all.length - cut);
  const partition = Buffer.concat([
    ...[int32(3), int16(0), int64(1_000n), int64(900n), int64(0n)],
    listOf(aborted.map(({ writer, first }) => Buffer.concat([int64(BigInt(writer)), int64(first)]))),
    ...[int32(-1), int32(set.length), set],
  ]);
  const name = Buffer.from(topic);
  const response = Buffer.concat([int16(name.length), name, listOf([partition])]);
  return Buffer.concat([int32(7), int16(0), int32(0), listOf([response])]);
}

/** Names that every object has are not for kafkajs. */
const isForEverybody = ({ headers }: RecordToSend): boolean => Object.keys(headers).every((name) => !(name in {}));
const record = fc
  .record({ ...arbitraryFields, timestamp: fc.option(fc.nat(2 * NOW).map(String), { nil: undefined }) })
  .map((fields): RecordToSend => fields)
  .filter(isForEverybody);
const marker = (kind: number): RecordToSend => ({ key: Buffer.from([0, 0, 0, kind]), value: null, headers: {} });
const [LOG_APPEND_TIME, IN_TRANSACTION, CONTROL] = [0b1000, 0b1_0000, 0b10_0000];
const batch = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 6 }),
  attributes: fc.constantFrom(0, LOG_APPEND_TIME, IN_TRANSACTION),
  isCompressed: fc.boolean(),
  writer: fc.constantFrom(1, 2),
});
const ended = fc.record({
  records: fc.constantFrom([marker(0)], [marker(1)]),
  attributes: fc.constant(IN_TRANSACTION | CONTROL),
  isCompressed: fc.constant(false),
  writer: fc.constantFrom(1, 2),
});
/** One after the other, with gaps where compaction has been. */
const wanted: fc.Arbitrary<Wanted> = fc
  .tuple(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.array(fc.tuple(fc.oneof({ weight: 3, arbitrary: batch }, { weight: 1, arbitrary: ended }), fc.nat(5)), {
      maxLength: 6,
    }),
    fc.constantFrom(0n, 5n, 2n ** 53n - 3n, 2n ** 60n),
    // Each begins with a batch of its own.
    fc.uniqueArray(fc.tuple(fc.constantFrom(1, 2), fc.nat(5)), { maxLength: 2, selector: ([, place]) => place }),
    fc.oneof(fc.constant(0), fc.nat(80)),
  )
  .map(([topic, entries, begin, places, cut]) => {
    let next = begin;
    const batches = entries.map(([each, gap]): Batch => {
      const first = next + BigInt(gap);
      next = first + BigInt(each.records.length);
      return { ...each, first };
    });
    // In the order of their offsets, as brokers list them.
    const aborted = places
      .flatMap(([writer, place]) => (batches[place] === undefined ? [] : [{ writer, first: batches[place].first }]))
      .sort((one, other) => Number(one.first - other.first));
    return { topic, batches, aborted, cut };
  });

/** What an application sees of the answer, fetched from this offset on. */
function seen(answer: Answer, from: string): unknown {
  return answer.responses.map(({ topicName, partitions }) =>
    partitions.map((partition) => {
      const handed = new ClientsBatch(topicName, from, partition);
      const records = recordsOf(handed).map(({ offset, timestamp, key, value, headers }) => {
        return { offset, timestamp: String(timestamp), key, value, headers };
      });
      const { partition: number, errorCode, highWatermark, preferredReadReplica } = partition;
      return { number, errorCode, highWatermark, preferredReadReplica, topicName, records };
    }),
  );
}

it('finds the records that the client finds, and leaves out those that it leaves out', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, fc.nat(8), async (what, later) => {
      const answer = answerWith(what);
      const { first = 0n, records = [] } = what.batches[0] ?? {};
      // A broker begins with the batch that has what was asked for.
      const from = String(first + BigInt(Math.min(later, Math.max(0, records.length - 1))));
      expect(seen((await readFetch(answer)) as Answer, from)).toEqual(seen(await clients.decode(answer), from));
    }),
    { numRuns: 500 },
  );
});

it('of several transactions that began before what was fetched, and were aborted, nothing is handed over', async () => {
  const written = (writer: number, first: bigint): Batch => {
    const records = [{ key: null, value: Buffer.from(`of ${writer}`), headers: {} }];
    return { records, first, attributes: IN_TRANSACTION, isCompressed: false, writer };
  };
  const batches = [written(2, 10n), written(1, 11n), { ...written(3, 12n), attributes: 0 }];
  const aborted = [
    { writer: 1, first: 4n },
    { writer: 2, first: 6n },
  ];
  const answer = (await readFetch(answerWith({ topic: 'orders', batches, aborted, cut: 0 }))) as Answer;
  const handed = new ClientsBatch('orders', '10', answer.responses[0]?.partitions[0] as Partition);
  expect(recordsOf(handed).map(({ value }) => String(value))).toEqual(['of 3']);
});

it('is behind the last record of the last batch, also where compaction has removed it', async () => {
  const records = ['a', 'b', 'c'].map((text): RecordToSend => ({ key: null, value: Buffer.from(text), headers: {} }));
  const [first] = recordsThatAre({ records, removed: 2 });
  const batches = await readFetch(first as Buffer);
  const [partition] = ((batches as Answer).responses[0] as Answer['responses'][number]).partitions;
  const handed = new ClientsBatch('orders', '40', partition as Partition);
  expect(recordsOf(handed).map(({ value }) => String(value))).toEqual(['a']);
  expect(handed.lastOffset()).toBe('42');
});

/** A batch of which only the first records are left. */
function recordsThatAre({ records, removed }: { records: RecordToSend[]; removed: number }): Buffer[] {
  const left = records.slice(0, records.length - removed);
  const batch = { records: left, first: 40n, attributes: 0, isCompressed: false, writer: 1 };
  const answer = answerWith({ topic: 'orders', batches: [batch], aborted: [], cut: 0 });
  // The offset of the last record stays what it was.
  answer.writeInt32BE(records.length - 1, answer.length - stored(batch).length + 23);
  return [answer];
}

it('gives the headers that are whole, whatever stands behind them, and a name of every object is one like any other', async () => {
  const headers = { toString: Buffer.from('1'), __proto__x: Buffer.from('2'), last: Buffer.from('3') };
  const batch = {
    records: [{ key: null, value: null, headers }],
    first: 0n,
    attributes: 0,
    isCompressed: false,
    writer: 1,
  };
  const answer = answerWith({ topic: 'orders', batches: [batch], aborted: [], cut: 0 });
  // The last header says that its value is longer than the record.
  answer[answer.length - 2] = 100;
  const [response] = ((await readFetch(answer)) as Answer).responses;
  const [found] = recordsOf(new ClientsBatch('orders', '0', response?.partitions[0] as Partition));
  expect(found?.headers).toEqual({ toString: Buffer.from('1'), __proto__x: Buffer.from('2') });
});

it('bytes that contradict each other are an error and no endless work', async () => {
  const batches = [{ records: [{ key: null, value: Buffer.from('x'), headers: {} }], first: 0n, attributes: 0 }];
  const whole = answerWith({
    topic: 'orders',
    batches: batches.map((each) => ({ ...each, isCompressed: false, writer: 1 })),
    aborted: [],
    cut: 0,
  });
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      const broken = Buffer.from(whole);
      broken[at] = byte;
      const outcome = await readFetch(broken).then(
        (answer) => seen(answer as Answer, '0'),
        (error: unknown) => error,
      );
      expect(outcome).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});
