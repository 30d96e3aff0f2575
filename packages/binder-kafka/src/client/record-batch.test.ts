import fc from 'fast-check';
import { arbitraryFields } from '../../test/arbitrary-records';
import type { RecordToSend } from '../kafka-port';
import { loadPlatformatic } from './platformatic-library';
import { type BatchTools, recordBatch } from './record-batch';

const library = loadPlatformatic('kafka');
const NOW = 1_700_000_000_000;
/** Ten. The library misses the bits of an age beyond the 32nd. */
const DAYS = 864_000_000;

function toolsWith(name: 'none' | 'gzip'): BatchTools {
  const { bitmask, compressSync } = library.compressionsAlgorithms[name];
  const compression = name === 'none' ? undefined : { number: bitmask, compress: compressSync };
  return { crc32c: library.crc32c, nameOf: (header) => Buffer.from(header), compression };
}

/** What the library makes of them, for a producer that is not idempotent. */
function oracle(records: readonly RecordToSend[], compression: 'none' | 'gzip'): Buffer {
  const messages = records.map(({ key, value, headers, timestamp }) => ({
    topic: 'orders',
    partition: 0,
    key: key as Buffer,
    value: value as Buffer,
    // A name of its own for each value: those that are the same object would stand but once.
    headers: new Map(
      Object.entries(headers).flatMap(([name, values]) =>
        [values].flat().map((each): [Buffer, Buffer] => [Buffer.from(name), Buffer.from(each)]),
      ),
    ),
    timestamp: BigInt(timestamp ?? NOW),
  }));
  const nobody = { producerEpoch: -1, sequences: { getWithDefault: () => -1 } as never };
  return library.createRecordsBatch(messages, { ...nobody, compression } as never).buffer;
}

const record: fc.Arbitrary<RecordToSend> = fc.record({
  ...arbitraryFields,
  timestamp: fc.option(
    fc
      .tuple(fc.integer({ min: -DAYS, max: DAYS }), fc.boolean())
      .map(([age, isText]) => (isText ? String(NOW + age) : NOW + age)),
    { nil: undefined },
  ),
});

describe('a batch of records is, byte for byte, that of another encoder', () => {
  for (const compression of ['none', 'gzip'] as const)
    test(compression, () => {
      fc.assert(
        fc.property(fc.array(record, { minLength: 1, maxLength: 8 }), (records) => {
          expect(recordBatch(records, NOW, toolsWith(compression))).toEqual(oracle(records, compression));
        }),
      );
    });

  test('many, and long ones', () => {
    const records = Array.from({ length: 10_000 }, (_, index) => ({
      key: Buffer.from(`key ${index}`),
      value: Buffer.alloc(index % 9_000 === 8_999 ? 3_000_000 : index % 20, 'v'),
      headers: { contentType: Buffer.from('application/json') },
    }));
    expect(recordBatch(records, NOW, toolsWith('none')).equals(oracle(records, 'none'))).toBe(true);
  });
});

test('is read back as it was written', () => {
  const records: RecordToSend[] = [
    { key: Buffer.from('a'), value: Buffer.from('first'), headers: { many: [Buffer.from('1'), Buffer.from('2')] } },
    { key: null, value: null, headers: {}, timestamp: '1600000000000' },
  ];
  const batch = library.readRecordsBatch(library.Reader.from(recordBatch(records, NOW, toolsWith('none'))));
  expect(batch).toMatchObject({ magic: 2, attributes: 0, producerId: -1n, firstSequence: -1, lastOffsetDelta: 1 });
  expect([batch.firstTimestamp, batch.maxTimestamp]).toEqual([BigInt(NOW), BigInt(NOW)]);
  expect(batch.records.map(({ key, value }) => [key && String(key), value && String(value)])).toEqual([
    ['a', 'first'],
    [null, null],
  ]);
  expect(batch.records[0]?.headers.map(([name, value]) => `${name}=${value}`)).toEqual(['many=1', 'many=2']);
  expect(batch.firstTimestamp + (batch.records[1]?.timestampDelta ?? 0n)).toBe(1_600_000_000_000n);
});
