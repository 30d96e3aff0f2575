import { Faults } from './faults';
import { suggestion } from './nearest';

test('no fault throws nothing', () => {
  const faults = new Faults();
  expect(() => faults.throwIfAny('WIRING_INVALID', 'the wiring')).not.toThrow();
  expect(faults.count).toBe(0);
});

test('all faults are told at once, one line each, problem and remedy as sentences', () => {
  const faults = new Faults();
  faults.add('Barista.brew', 'it is wrong', 'Mend it');
  faults.add('bindings.orders', 'there is no such key', "Did you mean 'order'?");
  expect(() => faults.throwIfAny('WIRING_INVALID', 'the wiring')).toThrow(
    expect.objectContaining({
      code: 'WIRING_INVALID',
      message:
        "the wiring has 2 faults:\n  - Barista.brew: it is wrong. Mend it.\n  - bindings.orders: there is no such key. Did you mean 'order'?",
    }),
  );
});

test('one fault is one fault, and met twice it is told once', () => {
  const faults = new Faults();
  for (let times = 0; times < 2; times += 1) faults.add('a', 'b', 'C');
  expect(faults.describe('it')).toBe('it has 1 fault:\n  - a: b. C.');
});

test('a near name is suggested, otherwise all that are known', () => {
  expect(suggestion('ordres', ['orders', 'receipts'])).toBe("Did you mean 'orders'?");
  expect(suggestion('zebra', ['receipts', 'orders'])).toMatch(/^Known: orders, receipts$/);
  expect(suggestion('x', [])).toBe('There is none to choose from');
});
