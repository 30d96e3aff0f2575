import { takesArgument } from './takes-argument';

type Call = (...args: never[]) => unknown;

class Barista {
  none(): void {}
  async two(_order: unknown, _message: unknown): Promise<void> {}
  async three(_order: unknown, _message: unknown, _signal: unknown): Promise<void> {}
  rest(_order: unknown, ..._rest: unknown[]): void {}
  optional(_order?: unknown, _message?: unknown, _signal: unknown = undefined): void {}
  destructured({ id: _ }: { id: string }, _message = {}): void {}
  ownArguments(_order: unknown): unknown {
    // biome-ignore lint/complexity/noArguments: the other way to the third argument
    return arguments[2];
  }
  async 'computed name'(_order: unknown): Promise<void> {}
}
const { none, two, three, rest, optional, destructured, ownArguments } = Barista.prototype;

test.each<[string, Call, boolean]>([
  ['no parameter', none, false],
  ['two of them', two, false],
  ['three of them', three, true],
  ['an arrow without parentheses', (order: unknown) => order, false],
  ['an async arrow', async (order: unknown) => order, false],
  [
    'a function',
    function handle(order: unknown) {
      return order;
    },
    false,
  ],
  ['a rest', rest, true],
  ['a rest in an arrow', (...args: unknown[]) => args, true],
  ['a default', optional, true],
  ['a default in an arrow', (order: unknown, message = order, signal = message) => signal, true],
  ['a pattern', destructured, true],
  ['arguments', ownArguments, true],
  ['a name that cannot be read', Barista.prototype['computed name'], true],
  ['a bound function', two.bind(undefined), true],
  ['a mock', jest.fn(), true],
])('the third argument of a function with %s', (_, call, expected) => {
  expect(takesArgument(call, 2)).toBe(expected);
});
