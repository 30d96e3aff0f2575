import * as fc from 'fast-check';
import { BytePool } from './byte-pool';

test('copies keep their bytes whatever happens to the original and to other copies', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 }), (sizes) => {
      const pool = new BytePool();
      const copies = sizes.map((size, index) => {
        const original = Buffer.alloc(size, index + 1);
        const copy = pool.copy(original);
        original.fill(0);
        return copy;
      });
      for (const [index, copy] of copies.entries()) {
        expect(copy.length).toBe(sizes[index]);
        expect(copy.every((byte) => byte === index + 1)).toBe(true);
        copy.fill(0);
      }
    }),
  );
});
