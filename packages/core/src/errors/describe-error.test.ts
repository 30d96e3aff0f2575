import fc from 'fast-check';
import { describeError } from './describe-error';

class Fermented extends Error {}

test.each<[string, unknown, string, string]>([
  ['an error', new Error('boom'), 'Error', 'boom'],
  ['an error of a class', new TypeError('no function'), 'TypeError', 'no function'],
  ['an error of a class that sets no name', new Fermented('sour'), 'Fermented', 'sour'],
  [
    'an error with causes',
    new Error('outer', { cause: new Error('middle', { cause: 'inner' }) }),
    'Error',
    'outer; middle; inner',
  ],
  ['an error without a message', new RangeError(), 'RangeError', 'RangeError'],
  ['text', 'plain', 'string', 'plain'],
  ['undefined', undefined, 'undefined', 'undefined'],
  ['null', null, 'null', 'null'],
  ['a number', 7, 'number', '7'],
  ['a big integer', 7n, 'bigint', '7'],
  ['a symbol', Symbol('x'), 'symbol', 'Symbol(x)'],
  ['a plain object', { code: 1 }, 'object', '{"code":1}'],
  ['an object with text that JSON refuses', { size: 1n }, 'object', '[object Object]'],
])('%s is told by name and message', (_what, thrown, name, message) => {
  expect(describeError(thrown)).toMatchObject({ name, message });
});

test('causes that go in a circle are told once each', () => {
  const outer = new Error('outer');
  outer.cause = new Error('inner', { cause: outer });
  expect(describeError(outer).message).toBe('outer; inner');
});

test('a long chain of causes is cut', () => {
  let error = new Error('0');
  for (let depth = 1; depth < 100; depth += 1) error = new Error(`${depth}`, { cause: error });
  expect(describeError(error).message).toBe('99; 98; 97; 96; 95');
});

test('only errors have a stack', () => {
  expect(describeError(new Error('x')).stack).toContain('describe-error.test');
  expect(describeError('x').stack).toBeUndefined();
});

const hostile = fc.constantFrom(
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () =>
    new Proxy(new Error('x'), {
      get: () => {
        throw new Error('trap');
      },
    }),
  () =>
    Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('getter');
      },
    }),
  () =>
    Object.defineProperty(new Error('x'), 'stack', {
      get: () => {
        throw new Error('getter');
      },
    }),
  () =>
    Object.defineProperty(new Error('x'), 'cause', {
      get: () => {
        throw new Error('getter');
      },
    }),
  () => Object.defineProperty(new Error('x'), 'name', { value: Symbol('name') }),
  () => ({
    toJSON: () => {
      throw new Error('toJSON');
    },
  }),
  () => ({
    toJSON: () => undefined,
    toString: () => {
      throw new Error('toString');
    },
  }),
  () => Object.create(null),
  () => new Error('x', { cause: Object.create(null) }),
);

test('whatever is thrown, the description is text and nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc
          .anything({
            withBigInt: true,
            withNullPrototype: true,
            withSparseArray: true,
            withDate: true,
            withMap: true,
          })
          .map((value) => () => value),
        hostile,
      ),
      (make) => {
        const { name, message, stack } = describeError(make());
        expect(typeof name).toBe('string');
        expect(typeof message).toBe('string');
        expect(['string', 'undefined']).toContain(typeof stack);
      },
    ),
  );
});
