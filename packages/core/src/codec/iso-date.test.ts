import * as fc from 'fast-check';
import { dateJson, dateOf } from './iso-date';

const runs = { numRuns: 5_000 };

test('a text becomes the date the engine makes of it', () => {
  const digits = (length: number): fc.Arbitrary<string> =>
    fc.nat({ max: 10 ** length - 1 }).map((value) => String(value).padStart(length, '0'));
  const alike = fc
    .tuple(digits(4), digits(2), digits(2), digits(2), digits(2), digits(2), digits(3))
    .map(([y, mo, d, h, mi, s, ms]) => `${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`);
  const near = fc
    .tuple(alike, fc.nat({ max: 23 }), fc.constantFrom(...'0123456789-:.TZtz +x'))
    .map(([text, at, sign]) => text.slice(0, at) + sign + text.slice(at + 1));
  const texts = fc.oneof(
    alike,
    near,
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc
      .date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('2100-01-01') })
      .map((date) => date.toISOString()),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect(dateOf(text).getTime()).toBe(new Date(text).getTime());
    }),
    runs,
  );
});

test('a date is written as JSON has it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.date(), fc.date({ min: new Date(0), max: new Date('2100-01-01') })), (date) => {
      expect(dateJson(date)).toBe(JSON.stringify(date));
    }),
    runs,
  );
});

test.each([
  '0999-12-31T23:59:59.999Z',
  '1000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '+010000-01-01T00:00:00.000Z',
])('%s, at a limit', (text) => {
  expect(dateJson(new Date(text))).toBe(JSON.stringify(new Date(text)));
  expect(dateOf(text).getTime()).toBe(Date.parse(text));
});

test('dates with a way of their own are not written', () => {
  class Day extends Date {}
  expect(dateJson(new Day())).toBeUndefined();
  expect(dateJson(Object.assign(new Date(), { toJSON: () => 'x' }))).toBeUndefined();
  const spy = jest.spyOn(Date.prototype, 'toJSON').mockReturnValue('x');
  expect(dateJson(new Date())).toBeUndefined();
  spy.mockRestore();
});
