type Squeeze = (bytes: Buffer) => Promise<Buffer>;

/** Kafka's clients wrap snappy in the frame of the snappy-java library: this, two versions, then blocks behind their lengths. */
const MAGIC = Buffer.from('82534e4150505900', 'hex');
const VERSIONS = Buffer.from('0000000100000001', 'hex');
const HEADER_BYTES = MAGIC.length + VERSIONS.length;
const LENGTH_BYTES = 4;
const BLOCK_BYTES = 32 * 1024;

/** Compresses block by block. */
export async function writeSnappyFrame(bytes: Buffer, compress: Squeeze): Promise<Buffer> {
  const parts: Buffer[] = [MAGIC, VERSIONS];
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const block = await compress(bytes.subarray(start, start + BLOCK_BYTES));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** Reads the frame, and also bare snappy, which some clients write. @throws RangeError where a length is wrong */
export async function readSnappyFrame(bytes: Buffer, uncompress: Squeeze): Promise<Buffer> {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return uncompress(bytes);
  const blocks: Buffer[] = [];
  for (let start = HEADER_BYTES; start < bytes.length; ) {
    const length = bytes.readInt32BE(start);
    const end = start + LENGTH_BYTES + length;
    if (length < 0 || end > bytes.length) throw new RangeError('a snappy block is longer than its record batch');
    blocks.push(await uncompress(bytes.subarray(start + LENGTH_BYTES, end)));
    start = end;
  }
  return Buffer.concat(blocks);
}
