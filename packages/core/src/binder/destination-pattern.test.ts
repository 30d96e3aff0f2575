import fc from 'fast-check';
import { destinationPattern } from './destination-pattern';

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
const patterns = fc.array(letters, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('*'));

test('a star stands for any characters, or for none', () => {
  fc.assert(
    fc.property(patterns, letters, (pattern, name) => {
      const shape = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(destinationPattern(pattern)(name)).toBe(shape.test(name));
    }),
    { numRuns: 1_000 },
  );
});

test('a name that was made to match almost costs no more than its length', () => {
  const isMeant = destinationPattern('*a*a*a*a*b');
  const cost = (length: number): number => {
    const name = 'a'.repeat(length);
    const rounds = Array.from({ length: 20 }, () => {
      const started = performance.now();
      for (let time = 0; time < 2_000; time += 1) isMeant(name);
      return performance.now() - started;
    });
    return Math.min(...rounds);
  };
  expect(cost(240) / cost(60)).toBeLessThan(30);
});
