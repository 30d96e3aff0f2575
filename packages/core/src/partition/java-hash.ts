/** What a key may be before it becomes text. */
export type KeyValue = string | number | bigint | boolean;

const LOW_32_BITS = 0xffff_ffffn;

/**
 * `hashCode()` of the Java value a key would be: String, Integer, Long, Double, Boolean. Spring Cloud Stream chooses
 * partitions by it, so both sides of a destination must agree (wire contract: `PartitionHandler`).
 */
export function javaHash(key: KeyValue): number {
  if (typeof key === 'string') return hashOfText(key);
  if (typeof key === 'boolean') return key ? 1231 : 1237;
  if (typeof key === 'bigint') return hashOfLong(key);
  if (!Number.isInteger(key)) return hashOfDouble(key);
  return key === (key | 0) ? key : hashOfLong(BigInt(key));
}

/** `hashCode()` of a Java UUID; for a `partition` function whose Spring side has UUID objects as keys, not text. */
export function javaUuidHash(uuid: string): number {
  const bits = BigInt(`0x${uuid.replaceAll('-', '')}`);
  return hashOfLong((bits >> 64n) ^ (bits & 0xffff_ffff_ffff_ffffn));
}

/** Over UTF-16 units, as Java's. */
function hashOfText(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

function hashOfLong(value: bigint): number {
  const bits = BigInt.asUintN(64, value);
  return Number(BigInt.asIntN(32, (bits ^ (bits >> 32n)) & LOW_32_BITS));
}

function hashOfDouble(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getInt32(0) ^ view.getInt32(4);
}
