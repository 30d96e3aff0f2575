import fc from 'fast-check';
import { RateWindow } from './rate-window';

test('as many as it says at once, then one for each that is a span old', () => {
  const rate = new RateWindow(3, 100);
  expect(rate.readyAt(3)).toBe(Number.NEGATIVE_INFINITY);
  rate.take(1, 0);
  rate.take(2, 40);
  expect([1, 2, 3].map((count) => rate.readyAt(count))).toEqual([100, 140, 140]);
  rate.take(1, 100);
  expect([1, 2, 3].map((count) => rate.readyAt(count))).toEqual([140, 140, 200]);
});

test('no span of its length ever holds more, whenever they come and however many at a time', () => {
  const arrivals = fc.array(fc.record({ gap: fc.nat(150), count: fc.integer({ min: 1, max: 5 }) }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 12 }), arrivals, (messages, list) => {
      const rate = new RateWindow(messages, 100);
      const taken: number[] = [];
      let now = 0;
      for (const { gap, count } of list) {
        now = Math.max(now + gap, rate.readyAt(count));
        rate.take(count, now);
        for (let each = 0; each < count; each += 1) taken.push(now);
      }
      for (const [index, at] of taken.entries()) {
        const later = taken[index + messages];
        if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(100);
      }
    }),
  );
});
