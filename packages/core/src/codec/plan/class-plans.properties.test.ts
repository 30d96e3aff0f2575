import 'reflect-metadata';
import { inspect } from 'node:util';
import { Exclude, Expose, instanceToPlain, plainToInstance, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
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
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import * as fc from 'fast-check';
import { flatToPlain } from '../flat-class';
import { ClassPlans } from './class-plans';
import { UNSURE } from './planned-work';

type PayloadClass = new () => Record<string, unknown>;

class Line {
  @IsString() id = '';
  @Type(() => Date) @IsDate() @IsOptional() at?: Date;
  @Type(() => Line) @ValidateNested() @IsOptional() next?: Line;
  cents: unknown;
  total(): number {
    return 1;
  }
}

/** What only the libraries can build. */
class Renamed {
  @Expose({ name: 'ident' }) id = '';
}

const names = ['a', 'b', 'length', 'then', 'toString', 'method', 'fixed', 'both', 'inherited', 'name', '0', 'ü"\\\n'];

const types: Readonly<Record<string, PropertyDecorator>> = {
  none: () => undefined,
  date: Type(() => Date),
  string: Type(() => String),
  number: Type(() => Number),
  boolean: Type(() => Boolean),
  buffer: Type(() => Buffer),
  object: Type(() => Object),
  map: Type(() => Map),
  own: Type(() => Line),
  renamed: Type(() => Renamed),
  nothing: Type(() => undefined as never),
  // biome-ignore lint/complexity/useArrowFunction: what older targets of TypeScript write
  old: Type(function () {
    return Date;
  }),
  byObject: Type((help) => (help?.object['a' as never] === 1 ? Date : String)),
  byChance: Type(() => (chance.isDate ? Date : String)),
  exposed: Expose({ name: 'renamed' }),
  excluded: Exclude(),
  outOnly: Exclude({ toPlainOnly: true }),
  transformed: Transform(({ value }) => [value]),
};

/** A type that is not always the same. */
const chance = { isDate: true };

const rules: Readonly<Record<string, PropertyDecorator>> = {
  string: IsString(),
  optional: IsOptional(),
  int: IsInt(),
  min: Min(2),
  max: Max(5),
  date: IsDate(),
  length: Length(1, 3),
  open: Length(2),
  long: MinLength(2),
  short: MaxLength(2),
  in: IsIn(['a', 1, null]),
  matches: Matches(/^a/),
  notEmpty: IsNotEmpty(),
  defined: IsDefined(),
  allow: Allow(),
  array: IsArray(),
  few: ArrayMaxSize(1),
  grouped: IsInt({ groups: ['other'] }),
  always: IsPositive({ always: true }),
  eachString: IsString({ each: true }),
  nested: ValidateNested(),
  nestedEach: ValidateNested({ each: true }),
  unless: ValidateIf((object: Record<string, unknown>) => object.b !== 'x'),
  ruleIf: IsNumber({}, { validateIf: (_, value) => value !== 'skip' }),
  worded: IsInt({ message: ({ targetName, property, value }) => `${targetName} ${property} ${String(value)}` }),
  throwing: ValidateBy({
    name: 'throwing',
    validator: {
      validate: (value) => {
        if (value === 'throw') throw new Error('no');
        return true;
      },
    },
  }),
  looking: ValidateBy({
    name: 'looking',
    constraints: ['x'],
    validator: { validate: (value, facts) => facts?.value === value && facts?.constraints[0] !== value },
  }),
  promise: ValidateBy({ name: 'promise', validator: { validate: (value) => Promise.resolve(value === 1) } }),
};

const field = fc.record({
  name: fc.constantFrom(...names),
  // Most classes are to be covered.
  type: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('none', 'date', 'number', 'string', 'own', 'object', 'byChance') },
    fc.constantFrom(...Object.keys(types)),
  ),
  rules: fc.uniqueArray(fc.constantFrom(...Object.keys(rules)), { maxLength: 2 }),
  onBase: fc.boolean(),
});

const scalar = fc.oneof(
  fc.constantFrom<unknown>('a', 'abc', 'x', '', 'skip', 'throw', 0, -0, 1, 3, 9, -1, 1.5, null, true, false),
  fc.constantFrom<unknown>(
    '2026-01-02T03:04:05.678Z',
    '2026-02-30T03:04:05.678Z',
    '2026-01-02',
    'half \ud800',
    '\u2028"\\',
    // Two and three units of UTF-16, which count as one.
    '\u{1f4a7}',
    '\u{1f4a7}a',
    '\u2602\ufe0f',
  ),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.double(),
);
const date = fc.date({ noInvalidDate: false });
const line = fc.record({ id: fc.oneof(fc.constant('1'), scalar), at: scalar, cents: scalar }, { requiredKeys: ['id'] });
const lines = fc.oneof(
  line,
  fc.array(fc.oneof({ weight: 4, arbitrary: line }, scalar), { maxLength: 3 }),
  fc.tuple(line, line).map(([outer, next]) => ({ ...outer, next })),
);
const deep = fc.oneof(
  fc.constantFrom<unknown>(
    [],
    ['a'],
    [1],
    {},
    { id: 1 },
    [[1], [{ a: [] }]],
    { toString: 1 },
    { deep: { valueOf: 2 } },
  ),
  fc.constantFrom<unknown>(JSON.parse('{"constructor":1}'), JSON.parse('[{"__proto__":{"polluted":1}}]'), [null]),
  lines,
);
const values = (...kinds: fc.Arbitrary<unknown>[]): fc.Arbitrary<[string, unknown][]> => {
  const key = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...names) },
    fc.constantFrom('constructor', '__proto__', 'valueOf', 'more'),
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
    if (value === undefined || value === UNSURE) return undefined;
    return { value: inspect(value, { depth: null, maxStringLength: null }), prototype: Object.getPrototypeOf(value) };
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

/** Instances of nested classes where a plain object was generated, now and then. */
const member = fc
  .tuple(fc.oneof(scalar, date, scalar, fc.constant(undefined), deep, fc.array(date, { maxLength: 2 })), fc.boolean())
  .map(([value, isInstance]) => (isInstance && isPlain(value) ? Object.assign(new Line(), value) : value));

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

const runs = { numRuns: 600 };
/** class-validator looks through all classes at each call, and each run makes one. */
const runsOfRules = { numRuns: 300 };
const lax = { forbidUnknownValues: false };

describe.each([
  ['compiled', true],
  ['interpreted', false],
])('%s plans', (_how, mayCompile) => {
  const plans = new ClassPlans(mayCompile);

  test('B3 build what class-transformer builds', () => {
    let sure = 0;
    fc.assert(
      fc.property(payloadClass, values(scalar, scalar, scalar, deep), fc.boolean(), (target, entries, isDate) => {
        chance.isDate = true;
        const work = plans.workOf(target);
        chance.isDate = isDate;
        const own = outcome(() => work.read(plainOf(entries), 1));
        if (own === undefined) return;
        sure += 1;
        expect(own).toStrictEqual(outcome(() => plainToInstance(target, plainOf(entries))));
      }),
      runs,
    );
    expect(sure).toBeGreaterThan(runs.numRuns / 5);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  test('B3 write what class-transformer and JSON write', () => {
    let sure = 0;
    fc.assert(
      fc.property(payloadClass, values(member, member), fc.boolean(), (target, entries, isDate) => {
        chance.isDate = true;
        const work = plans.workOf(target);
        chance.isDate = isDate;
        const instance = instanceOf(target, entries);
        const own = outcome(() => work.write(instance, 1));
        if (own === undefined) return;
        sure += 1;
        expect(own).toStrictEqual(outcome(() => JSON.stringify(instanceToPlain(instance))));
      }),
      runs,
    );
    expect(sure).toBeGreaterThan(runs.numRuns / 5);
  });

  test('B5 accept what class-validator accepts, and nothing else', () => {
    let [accepted, refused, missed] = [0, 0, 0];
    fc.assert(
      fc.property(payloadClass, values(member, member), (target, entries) => {
        const instance = instanceOf(target, entries);
        const libraries = outcome(() => validateSync(instance, lax).map(String));
        const own = outcome(() => plans.workOf(target).isValid(instance));
        const isAccepted = inspect(libraries).includes("'[]'");
        if (inspect(own).includes("'true'")) {
          accepted += 1;
          expect(libraries).toMatchObject({ value: '[]' });
        } else if (inspect(own).includes('thrown')) {
          expect(libraries).toStrictEqual(own);
        } else {
          refused += 1;
          if (isAccepted) missed += 1;
        }
      }),
      runsOfRules,
    );
    expect(accepted).toBeGreaterThan(runsOfRules.numRuns / 10);
    expect(refused).toBeGreaterThan(runsOfRules.numRuns / 10);
    // Unsure of what is right costs time only, and is to be rare.
    expect(missed).toBeLessThan(runsOfRules.numRuns / 20);
  });
});

test('B3 the quick way from a class to a plain object gives what class-transformer gives', () => {
  let quick = 0;
  fc.assert(
    fc.property(payloadClass, values(scalar, date, scalar, fc.constant(undefined), deep), (target, entries) => {
      chance.isDate = true;
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
