import { javaHash, type KeyValue } from './java-hash';

const SMALLEST_INTEGER = -(2 ** 31);

/** Spring Cloud Stream's choice for a key. */
export function springPartition(key: KeyValue, count: number): number {
  return partitionOfHash(javaHash(key), count);
}

/** `abs(hash) % count`, where the one hash without a positive twin counts as 0. */
export function partitionOfHash(hash: number, count: number): number {
  return (hash === SMALLEST_INTEGER ? 0 : Math.abs(hash)) % count;
}
