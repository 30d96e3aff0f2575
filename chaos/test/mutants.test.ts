import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { changed } from '../src/broken/broken-copy';
import { mutants } from '../src/broken/mutants';
import { faultKindsOf } from '../src/schedule/fault-kind';

const root = join(__dirname, '..', '..');

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  '%s can still be broken',
  (_, { changes, binder, faults }) => {
    for (const change of changes) {
      const text = readFileSync(join(root, change.file), 'utf8');
      expect(changed(text, change)).not.toBe(text);
    }
    const known = faultKindsOf(binder).map(({ name }) => name);
    expect(faults.filter((name) => !known.includes(name))).toEqual([]);
  },
);

test('a place that is there twice, or not at all, is no place', () => {
  const change = { file: 'x.ts', from: 'a', to: 'b' };
  expect(() => changed('a a', change)).toThrow('x.ts has the place to change 2 times: a');
  expect(() => changed('c', change)).toThrow('0 times');
});
