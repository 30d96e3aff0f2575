import * as fc from 'fast-check';
import { isTooDeep, MAX_JSON_DEPTH } from './json-depth';

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);

test.each<[string, string, boolean]>([
  ['nothing', '', false],
  ['lists as deep as may be', nested(MAX_JSON_DEPTH), false],
  ['lists one deeper', nested(MAX_JSON_DEPTH + 1), true],
  ['objects one deeper', nested(MAX_JSON_DEPTH + 1, '{"a":', '}').replace(':}', ':1}'), true],
  ['lists that are never closed', '['.repeat(5_000_000), true],
  ['many lists side by side', `[${Array(5_000).fill('[{}]').join()}]`, false],
  ['brackets in a text', `["${'['.repeat(5_000)}"]`, false],
  ['brackets behind an escaped quote', `["\\"${'['.repeat(5_000)}"]`, false],
  ['brackets behind a text that ends with a backslash', `["\\\\",${nested(MAX_JSON_DEPTH)}]`, true],
  ['a text that is never ended', `["${'['.repeat(5_000)}`, false],
  ['an escape at the very end', `${nested(200, '[', '')}`.slice(0, 100) + '"\\', false],
])('%s', (_, text, expected) => {
  expect(isTooDeep(text)).toBe(expected);
});

test('it says of any JSON what its depth is', () => {
  const depthOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 0;
    return 1 + Math.max(0, ...Object.values(value).map(depthOf));
  };
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.integer({ min: 0, max: 110 }), (value, more) => {
      let deeper: unknown = value;
      for (let level = 0; level < more; level += 1) deeper = level % 2 === 0 ? [deeper, '[{"'] : { '}]': 1, a: deeper };
      // Enough brackets in all, so that the closer look is taken.
      const wide = [deeper, Array(MAX_JSON_DEPTH).fill([])];
      expect(isTooDeep(JSON.stringify(wide))).toBe(depthOf(wide) > MAX_JSON_DEPTH);
    }),
  );
});

test('any text gets an answer, soon', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2_000 }), (any) => {
      expect(typeof isTooDeep(any)).toBe('boolean');
    }),
  );
});
