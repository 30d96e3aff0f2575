import * as fc from 'fast-check';
import { RingQueue } from './ring-queue';

test('a ring queue behaves as an array does', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant('shift' as const)), { maxLength: 300 }), (steps) => {
      const queue = new RingQueue<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === 'shift') expect(queue.shift()).toBe(model.shift());
        else {
          queue.push(step);
          model.push(step);
        }
        expect(queue.size).toBe(model.length);
        expect(queue.peek()).toBe(model[0]);
      }
    }),
  );
});

test('a ring queue is empty after clear', () => {
  const queue = new RingQueue<number>();
  for (let index = 0; index < 100; index += 1) queue.push(index);
  queue.clear();
  expect([queue.size, queue.peek(), queue.shift()]).toEqual([0, undefined, undefined]);
});
