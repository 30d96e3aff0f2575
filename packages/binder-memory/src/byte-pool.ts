const SLAB_BYTES = 16 * 1024;
/** Larger ones get memory of their own, so that a slab serves many and one that is held for long pins little. */
const LARGEST_SHARED_BYTES = SLAB_BYTES / 8;

/**
 * Copies byte arrays. Small copies stand side by side in one piece of memory: making a piece for each costs more than all
 * else that happens to a small record. A copy never overlaps another, and a pool serves one owner.
 */
export class BytePool {
  private slab = new Uint8Array(0);
  private used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > LARGEST_SHARED_BYTES) return new Uint8Array(bytes);
    if (this.used + length > this.slab.length) {
      this.slab = new Uint8Array(SLAB_BYTES);
      this.used = 0;
    }
    const copy = this.slab.subarray(this.used, this.used + length);
    copy.set(bytes);
    this.used += length;
    return copy;
  }
}
