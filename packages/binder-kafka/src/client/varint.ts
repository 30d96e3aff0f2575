/** A number, and where it ends. */
export interface Varint {
  value: number;
  end: number;
}

const MOST_BYTES = 10;

/**
 * The zigzag number of up to 64 bits that begins at `start`, https://protobuf.dev/programming-guides/encoding/#varints; nearly it
 * where it has more than 53. Also in `into`: one for many numbers, because each record has six of them and more. One that does
 * not end is 0, and ends at infinity, which is behind whatever it is a part of.
 */
export function varintAt(bytes: Uint8Array, start: number, into: Varint): number {
  const first = bytes[start] as number;
  if (!(first < 0x80)) return longVarintAt(bytes, start, into);
  into.end = start + 1;
  into.value = (first >>> 1) ^ -(first & 1);
  return into.value;
}

function longVarintAt(bytes: Uint8Array, start: number, into: Varint): number {
  let raw = 0;
  let scale = 1;
  into.value = 0;
  into.end = Number.POSITIVE_INFINITY;
  for (let at = start; at - start < MOST_BYTES; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    raw += (byte & 0x7f) * scale;
    scale *= 0x80;
    if (byte >= 0x80) continue;
    into.end = at + 1;
    into.value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    break;
  }
  return into.value;
}
