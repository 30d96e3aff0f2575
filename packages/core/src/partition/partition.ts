import { javaHash, type KeyValue } from './java-hash';

const SMALLEST_INTEGER = -(2 ** 31);

/** Spring Cloud Stream's choice: `abs(hash) % count`, where the one hash without a positive twin counts as 0. */
export function springPartition(key: KeyValue, count: number): number {
  const hash = javaHash(key);
  return (hash === SMALLEST_INTEGER ? 0 : Math.abs(hash)) % count;
}
