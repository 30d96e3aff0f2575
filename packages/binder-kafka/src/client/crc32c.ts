import { endianness } from 'node:os';

/** Of the polynomial 0x1EDC6F41, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** What a byte does to the checksum when so many others follow it: https://en.wikipedia.org/wiki/Computation_of_cyclic_redundancy_checks, slicing-by-8. */
const [last, by1, by2, by3, by4, by5, by6, by7] = tables();

/** The checksum of record batches: CRC-32C, RFC 3720 appendix B.4. From 0 to 2³² − 1. */
export function crc32c(bytes: Uint8Array): number {
  // Words begin at multiples of four, and mean the same as their bytes on little-endian machines only.
  const lead = endianness() === 'LE' ? Math.min(bytes.length, -bytes.byteOffset & 3) : bytes.length;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + lead, (bytes.length - lead) >> 2);
  const pairs = words.length & ~1;
  let rest = bytewise(-1, bytes, 0, lead);
  for (let at = 0; at < pairs; at += 2) {
    const one = rest ^ (words[at] as number);
    const two = words[at + 1] as number;
    rest =
      (by7[one & 0xff] as number) ^
      (by6[(one >>> 8) & 0xff] as number) ^
      (by5[(one >>> 16) & 0xff] as number) ^
      (by4[one >>> 24] as number) ^
      (by3[two & 0xff] as number) ^
      (by2[(two >>> 8) & 0xff] as number) ^
      (by1[(two >>> 16) & 0xff] as number) ^
      (last[two >>> 24] as number);
  }
  return (bytewise(rest, bytes, lead + pairs * 4, bytes.length) ^ -1) >>> 0;
}

function bytewise(start: number, bytes: Uint8Array, from: number, to: number): number {
  let rest = start;
  for (let at = from; at < to; at += 1) rest = (last[(rest ^ (bytes[at] as number)) & 0xff] as number) ^ (rest >>> 8);
  return rest;
}

type Table = Int32Array;

function tables(): readonly [Table, Table, Table, Table, Table, Table, Table, Table] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? POLYNOMIAL ^ (rest >>> 1) : rest >>> 1;
    return rest;
  });
  const next = (table: Table): Table => table.map((rest) => (first[rest & 0xff] as number) ^ (rest >>> 8));
  const one = next(first);
  const two = next(one);
  const three = next(two);
  const four = next(three);
  const five = next(four);
  const six = next(five);
  return [first, one, two, three, four, five, six, next(six)];
}
