import * as fc from 'fast-check';
import { MinHeap } from './min-heap';

const drained = (heap: MinHeap<number>): number[] => {
  const items: number[] = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) items.push(item);
  return items;
};

const ascending = (items: readonly number[]): number[] => [...items].sort((one, other) => one - other);

test('items come out smallest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new MinHeap<number>((item) => item);
      for (const item of items) heap.push(item);
      expect(heap.size).toBe(items.length);
      expect(drained(heap)).toEqual(ascending(items));
    }),
  );
});

test('retain keeps the order of what is left', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new MinHeap<number>((item) => item);
      for (const item of items) heap.push(item);
      heap.retain((item) => item % 2 === 0);
      expect(drained(heap)).toEqual(ascending(items.filter((item) => item % 2 === 0)));
    }),
  );
});
