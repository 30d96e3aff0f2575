import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { javaHash, javaUuidHash } from './java-hash';
import { partitionOfHash, springPartition } from './partition';

const LONG = 2_147_483_648;

/** Key, its Java hash, and its partition among 2, 3, 5 and 8. */
const vectors = [
  ['', 0, 0, 0, 0, 0],
  ['a', 97, 1, 1, 2, 1],
  ['foo', 101_574, 0, 0, 4, 6],
  ['123', 48_690, 0, 0, 0, 2],
  ['key-1', 101_943_363, 1, 0, 3, 3],
  ['order-42', 1_234_255_197, 1, 0, 2, 5],
  ['ключ', 33_309_882, 0, 0, 2, 2],
  ['😀', 1_772_899, 1, 1, 4, 3],
  ['polygenelubricants', -2_147_483_648, 0, 0, 0, 0],
  [LONG, -2_147_483_648, 0, 0, 0, 0],
] as const;

test.each(vectors)('%j hashes and is placed as in Java', (key, hash, ...partitions) => {
  expect(javaHash(key)).toBe(hash);
  expect([2, 3, 5, 8].map((count) => springPartition(key, count))).toEqual(partitions);
});

test('a partition is never negative and always below the count', () => {
  const keys = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.bigInt());
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 1_000 }), (key, count) => {
      const partition = springPartition(key, count);
      return Number.isInteger(partition) && partition >= 0 && partition < count;
    }),
  );
});

interface CapturedRecord {
  readonly partition: number;
  readonly value: { readonly utf8: string };
}

describe('29 keys that a Spring Cloud Stream application placed on four partitions', () => {
  const path = join(__dirname, '../../test/fixtures/spring/kafka-part.json');
  const { topics } = JSON.parse(readFileSync(path, 'utf8')) as { topics: [{ records: readonly CapturedRecord[] }] };
  const captured = topics[0].records.map(({ partition, value }) => ({ partition, ...JSON.parse(value.utf8) }));

  test('there are 29 of them', () => {
    expect(captured).toHaveLength(29);
  });

  test.each(captured)('$type $key goes to partition $partition', ({ key, type, partition }) => {
    expect(partitionOfHash(hashOf(String(key), type), 4)).toBe(partition);
  });
});

/** The key as TypeScript would have it, by its Java class. */
function hashOf(key: string, type: string): number {
  switch (type) {
    case 'java.lang.String':
      return javaHash(key);
    case 'java.lang.Integer':
    case 'java.lang.Double':
      return javaHash(Number(key));
    case 'java.lang.Long':
      return javaHash(BigInt(key));
    case 'java.lang.Boolean':
      return javaHash(key === 'true');
    case 'java.util.UUID':
      return javaUuidHash(key);
    default:
      throw new Error(`a key of ${type} was not expected`);
  }
}
