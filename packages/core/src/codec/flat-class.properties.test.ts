import 'reflect-metadata';
import { inspect } from 'node:util';
import { Exclude, Expose, instanceToPlain, plainToInstance, Transform, Type } from 'class-transformer';
import {
  Allow,
  IsArray,
  IsDate,
  IsDefined,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import * as fc from 'fast-check';
import { flatToPlain, plainToFlat } from './flat-class';
import { isSurelyValid } from './surely-valid';

type PayloadClass = new () => Record<string, unknown>;

const names = ['a', 'b', 'length', 'then', 'toString', 'method', 'fixed', 'both', 'inherited', 'name'];

const types: Readonly<Record<string, PropertyDecorator>> = {
  none: () => undefined,
  date: Type(() => Date),
  string: Type(() => String),
  number: Type(() => Number),
  boolean: Type(() => Boolean),
  buffer: Type(() => Buffer),
  object: Type(() => Object),
  map: Type(() => Map),
  own: Type(() => Order),
  byObject: Type((help) => (help?.object['a' as never] === 1 ? Date : String)),
  exposed: Expose({ name: 'renamed' }),
  excluded: Exclude(),
  outOnly: Exclude({ toPlainOnly: true }),
  transformed: Transform(({ value }) => [value]),
};

const rules: Readonly<Record<string, PropertyDecorator>> = {
  string: IsString(),
  optional: IsOptional(),
  int: IsInt(),
  min: Min(2),
  max: Max(5),
  date: IsDate(),
  length: Length(1, 3),
  in: IsIn(['a', 1, null]),
  matches: Matches(/^a/),
  notEmpty: IsNotEmpty(),
  defined: IsDefined(),
  allow: Allow(),
  array: IsArray(),
  grouped: IsInt({ groups: ['other'] }),
  always: IsPositive({ always: true }),
  eachString: IsString({ each: true }),
  nested: ValidateNested(),
  unless: ValidateIf((object: Record<string, unknown>) => object.b !== 'x'),
  ruleIf: IsNumber({}, { validateIf: (_, value) => value !== 'skip' }),
  throwing: ValidateBy({
    name: 'throwing',
    validator: {
      validate: (value) => {
        if (value === 'throw') throw new Error('no');
        return true;
      },
    },
  }),
  promise: ValidateBy({ name: 'promise', validator: { validate: (value) => Promise.resolve(value === 1) } }),
};

class Order {
  id = '';
}

const field = fc.record({
  name: fc.constantFrom(...names),
  // Most classes are to be the quick kind.
  type: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('none', 'date', 'number', 'string') },
    fc.constantFrom(...Object.keys(types)),
  ),
  rules: fc.uniqueArray(fc.constantFrom(...Object.keys(rules)), { maxLength: 2 }),
  onBase: fc.boolean(),
});

const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    'a',
    'abc',
    'x',
    '',
    'skip',
    'throw',
    0,
    1,
    3,
    9,
    -1,
    1.5,
    null,
    true,
    false,
    '2026-01-02T03:04:05.678Z',
  ),
  fc.string(),
  fc.double(),
);
const date = fc.date({ noInvalidDate: false });
const deep = fc.constantFrom<unknown>([], ['a'], [1], {}, { id: 1 });
const values = (...kinds: fc.Arbitrary<unknown>[]): fc.Arbitrary<[string, unknown][]> => {
  const key = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom('constructor', '__proto__', 'valueOf'),
  );
  return fc.uniqueArray(fc.tuple(key, fc.oneof(...kinds)), { maxLength: 6, selector: ([name]) => name });
};

const payloadClass = fc
  .uniqueArray(field, { maxLength: 5, selector: ({ name }) => name })
  .map((fields): PayloadClass => {
    class Base {
      inherited: unknown = 'base';
    }
    class Payload extends Base {
      a: unknown = 1;
      method(): string {
        return 'own';
      }
      get fixed(): number {
        return 5;
      }
      get both(): unknown {
        return this.inherited;
      }
      set both(value: unknown) {
        this.inherited = value;
      }
    }
    for (const { name, type, rules: ruleNames, onBase } of fields) {
      const prototype = onBase ? Base.prototype : Payload.prototype;
      types[type]?.(prototype, name);
      for (const rule of ruleNames) rules[rule]?.(prototype, name);
    }
    return Payload as unknown as PayloadClass;
  });

/** What came of a call, to be compared; as text, because no two invalid dates are equal. `undefined` where nothing did. */
function outcome(call: () => unknown): unknown {
  try {
    const value = call();
    if (value === undefined) return undefined;
    return { value: inspect(value, { depth: null }), prototype: Object.getPrototypeOf(value) };
  } catch (error) {
    return { thrown: (error as Error).message };
  }
}

function plainOf(entries: readonly [string, unknown][]): Record<string, unknown> {
  // Own members, whatever their names.
  return JSON.parse(
    `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? null}`).join()}}`,
  );
}

function instanceOf(target: PayloadClass, entries: readonly [string, unknown][]): Record<string, unknown> {
  const instance = new target();
  for (const [name, value] of entries) {
    const isTaken = name in instance && !Object.hasOwn(instance, name);
    if (name !== '__proto__' && !isTaken) instance[name] = value;
  }
  return instance;
}

const runs = { numRuns: 1_500 };
/** class-validator looks through all classes at each call, and each run makes one. */
const runsOfRules = { numRuns: 400 };

test('B3 the quick way to a class gives what class-transformer gives', () => {
  let quick = 0;
  fc.assert(
    fc.property(payloadClass, values(scalar, scalar, scalar, deep), (target, entries) => {
      const own = outcome(() => plainToFlat(plainOf(entries), target));
      if (own === undefined) return;
      quick += 1;
      expect(own).toStrictEqual(outcome(() => plainToInstance(target, plainOf(entries))));
    }),
    runs,
  );
  expect(quick).toBeGreaterThan(runs.numRuns / 10);
});

test('B3 the quick way from a class gives what class-transformer gives', () => {
  let quick = 0;
  fc.assert(
    fc.property(payloadClass, values(scalar, date, scalar, fc.constant(undefined), deep), (target, entries) => {
      const instance = instanceOf(target, entries);
      const own = outcome(() => flatToPlain(instance));
      if (own === undefined) return;
      quick += 1;
      expect(own).toStrictEqual(outcome(() => instanceToPlain(instance)));
    }),
    runs,
  );
  expect(quick).toBeGreaterThan(runs.numRuns / 10);
});

test('B5 what is surely valid has no errors of class-validator', () => {
  let quick = 0;
  fc.assert(
    fc.property(payloadClass, values(scalar, date, fc.constant(undefined), deep), (target, entries) => {
      const instance = instanceOf(target, entries);
      let isValid: boolean;
      try {
        isValid = isSurelyValid(instance);
      } catch (error) {
        expect(() => validateSync(instance, { forbidUnknownValues: false })).toThrow(error as Error);
        return;
      }
      if (!isValid) return;
      quick += 1;
      expect(validateSync(instance, { forbidUnknownValues: false })).toEqual([]);
    }),
    runsOfRules,
  );
  expect(quick).toBeGreaterThan(runsOfRules.numRuns / 10);
});

test('an ordinary message class is of the quick kind', () => {
  class Ordinary {
    @IsUUID() id = 'a6b1f5c2-7f43-4d0c-9d5f-4f9c3f0f3b52';
    @IsString() @IsOptional() note?: string;
    @IsInt() @Min(1) count = 1;
    @Type(() => Date) @IsDate() at = new Date(0);
  }
  const ordinary = new Ordinary();
  expect(flatToPlain(ordinary)).toEqual(instanceToPlain(ordinary));
  expect(plainToFlat({ at: '1970-01-01T00:00:00.000Z' }, Ordinary)).toEqual(ordinary);
  expect(isSurelyValid(ordinary)).toBe(true);
  ordinary.count = 0;
  expect(isSurelyValid(ordinary)).toBe(false);
});
