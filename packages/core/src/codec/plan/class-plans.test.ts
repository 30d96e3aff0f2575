import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exclude, Expose, plainToInstance, Transform, Type } from 'class-transformer';
import * as classValidator from 'class-validator';
import {
  IsInt,
  Min,
  registerDecorator,
  useContainer,
  Validate,
  ValidateNested,
  ValidatorConstraint,
  validateSync,
} from 'class-validator';
import { ClassPlans } from './class-plans';

const root = join(__dirname, '../../../../..');
const lax = { forbidUnknownValues: false };
const compiled = new ClassPlans(true);
const interpreted = new ClassPlans(false);
const both = [
  ['compiled', compiled],
  ['interpreted', interpreted],
] as const;

/** What the decorators that need something are given. */
const given: Readonly<Record<string, readonly unknown[]>> = {
  ArrayContains: [[1, 'a']],
  ArrayMaxSize: [1],
  ArrayMinSize: [1],
  ArrayNotContains: [[1]],
  Contains: ['a'],
  Equals: [1],
  IsDivisibleBy: [3],
  IsEnum: [{ A: 'a', B: 1 }],
  IsHash: ['md5'],
  IsIn: [['a', 1, null]],
  IsInstance: [Date],
  IsNotIn: [['a', 1]],
  IsNumberString: [{}],
  Length: [1, 3],
  Matches: [/^a/],
  Max: [5],
  MaxDate: [new Date(1_000)],
  MaxLength: [2],
  Min: [2],
  MinDate: [() => new Date(1_000)],
  MinLength: [2],
  NotContains: ['a'],
  NotEquals: [1],
  ValidateBy: [{ name: 'own', validator: { validate: (value: unknown) => value !== 1 } }],
  ValidateIf: [(object: { readonly value: unknown }) => object.value !== 'a'],
};
/** Exported by class-validator with a capital, but no decorators of properties. */
const others = [
  ...['MetadataStorage', 'ValidationError', 'ValidationTypes', 'Validator', 'ValidatorConstraint', 'Validate'],
];

const decorators = Object.entries(classValidator as unknown as Record<string, unknown>).filter(
  (entry): entry is [string, (...args: readonly unknown[]) => PropertyDecorator] =>
    /^[A-Z][a-z]/.test(entry[0]) && typeof entry[1] === 'function' && !others.includes(entry[0]),
);

const samples: readonly unknown[] = [
  ...['a', 'A', 'abc', '', ' ', '1', '12:30', 'true', '#fff', 'a@b.de', 'http://a.de', '127.0.0.1', '{"a":1}', 'ü'],
  ...['2026-01-02T03:04:05.678Z', '3f2c8a4e-51d7-4c0b-9a36-000000000000', 'd41d8cd98f00b204e9800998ecf8427e'],
  ...[0, 1, 3, -1, 1.5, 52.5, Number.NaN, Number.POSITIVE_INFINITY, true, false, null, undefined],
  ...[new Date(0), new Date(5_000), new Date(Number.NaN), [], ['a'], [1], ['a', 'a'], {}, { a: 1 }, new Set(['a']), 1n],
];

function decorated(decorator: PropertyDecorator): new () => { value: unknown } {
  class Payload {
    value: unknown;
  }
  decorator(Payload.prototype, 'value');
  return Payload;
}

describe('every decorator of class-validator', () => {
  const covered = decorators.filter(([name, decorator]) => {
    const target = decorated(decorator(...(given[name] ?? [])));
    return compiled.codingOf(target).by === 'compiled plan';
  });

  test.each(both)('says of every value what class-validator says, %s', (_how, plans) => {
    const differing = covered.flatMap(([name, decorator]) =>
      [{}, { each: true }, { groups: ['g'] }, { always: true }].flatMap((options) => {
        const target = decorated(decorator(...(given[name] ?? []), options));
        return samples.flatMap((value) => {
          const payload = Object.assign(new target(), { value });
          const says = (ask: () => boolean): unknown => {
            try {
              return ask();
            } catch (error) {
              return (error as Error).message;
            }
          };
          const libraries = says(() => validateSync(payload, lax).length === 0);
          const own = says(() => plans.workOf(target).isValid(payload));
          // A set or map is left to the library where each item is meant.
          const isSame = own === libraries || (own === false && value instanceof Set);
          return isSame ? [] : [`${name} of ${String(value)}: ${String(own)}, not ${String(libraries)}`];
        });
      }),
    );
    expect(differing).toEqual([]);
  });

  test('the page names those that plans cover, and no other', () => {
    const page = readFileSync(join(root, 'docs/codecs.md'), 'utf8');
    const section = /<!-- covered decorators -->([\s\S]*?)<!-- end of covered decorators -->/.exec(page)?.[1] ?? '';
    const named = [...section.matchAll(/`@(\w+)`/g)].map(([, name]) => name);
    expect(named.sort()).toEqual([...covered.map(([name]) => name), 'Type', 'Validate'].sort());
  });
});

describe('what a plan does not cover is left to the libraries, and said', () => {
  class Price {
    @IsInt() cents = 1;
  }
  const cases: readonly [PropertyDecorator | ClassDecorator, string][] = [
    [Expose({ name: 'x' }), '@Expose of value'],
    [Exclude(), '@Exclude of value'],
    [Transform(({ value }) => value as unknown), '@Transform of value'],
    [classValidator.ValidatePromise(), 'promiseValidation of value'],
    [Type(() => Buffer), '@Type of value'],
    [Type(() => Map), '@Type of value'],
    [Type((help) => (help === undefined ? Price : Date)), '@Type of value asks for the message'],
    [
      Type(() => Price, { discriminator: { property: 'kind', subTypes: [{ value: Price, name: 'price' }] } }),
      'discriminator of value',
    ],
  ];

  test.each(cases)('%#', (decorator, reason) => {
    const target = decorated(decorator as PropertyDecorator);
    expect(compiled.codingOf(target)).toEqual({ payload: 'Payload', by: 'libraries', reason });
    class Outer {
      @Type(() => target) inner = new target();
      @Type(() => Outer) again?: Outer;
    }
    expect(compiled.codingOf(Outer)).toMatchObject({ by: 'libraries', reason: `Payload: ${reason}` });
  });

  test('a class as a whole', () => {
    @Exclude()
    class Closed {}
    class Opened extends Closed {}
    expect(compiled.codingOf(Opened).reason).toBe('@Exclude of the class');
    expect(compiled.codingOf(class List extends Array {}).reason).toBe('a class of a special kind');
  });

  test('an asynchronous validator', () => {
    class Payload {
      value: unknown;
    }
    registerDecorator({
      name: 'slow',
      target: Payload,
      propertyName: 'value',
      async: true,
      validator: { validate: () => true },
    });
    expect(compiled.codingOf(Payload).reason).toBe('asynchronous slow of value');
  });
});

describe('validators of the application', () => {
  class Limits {
    readonly least: number;
    constructor(least = 10) {
      this.least = least;
    }
  }

  @ValidatorConstraint()
  class AtLeast {
    static made = 0;
    readonly #limits: Limits | undefined;
    constructor(limits?: Limits) {
      AtLeast.made += 1;
      this.#limits = limits;
    }
    validate(value: number): boolean {
      return value >= (this.#limits?.least ?? 0);
    }
  }

  class Payload {
    @Validate(AtLeast) value = 5;
  }

  afterEach(() => useContainer({ get: () => undefined as never }, { fallback: true }));

  test('are made by the container that is there with the first message, and kept if it keeps them', () => {
    const work = new ClassPlans(true).workOf(Payload);
    const one = new AtLeast(new Limits());
    useContainer({ get: (wanted) => (wanted === AtLeast ? one : new (wanted as new () => object)()) as never });
    expect(work.isValid(new Payload())).toBe(false);
    expect(work.isValid(Object.assign(new Payload(), { value: 10 }))).toBe(true);
  });

  test('are asked for each time where the container makes them anew', () => {
    const work = new ClassPlans(true).workOf(Payload);
    useContainer({ get: (wanted) => new (wanted as new () => object)() as never });
    AtLeast.made = 0;
    work.isValid(new Payload());
    const first = AtLeast.made;
    work.isValid(new Payload());
    expect(AtLeast.made).toBeGreaterThan(first);
  });

  test('are told by an object of their own', () => {
    const told: unknown[] = [];
    class Watched {
      @IsInt() @Min(0) first = 1;
      second = 2;
    }
    for (const propertyName of ['first', 'second'])
      registerDecorator({
        name: 'watch',
        target: Watched,
        propertyName,
        validator: { validate: (_, facts) => told.push(facts) > 0 },
      });
    const object = new Watched();
    expect(compiled.workOf(Watched).isValid(object)).toBe(true);
    expect(told).toEqual([
      { targetName: 'Watched', property: 'first', object, value: 1, constraints: undefined },
      { targetName: 'Watched', property: 'second', object, value: 2, constraints: undefined },
    ]);
  });
});

test('nested classes that know each other are read, written and checked to any depth that JSON may have', () => {
  class Node {
    @IsInt() value = 0;
    @Type(() => Node) @ValidateNested({ each: true }) children: Node[] = [];
  }
  const nest = (depth: number): object => (depth === 0 ? { value: 1 } : { value: 1, children: [nest(depth - 1)] });
  for (const [, plans] of both) {
    const work = plans.workOf(Node);
    const made = work.read(nest(40), 1);
    expect(made).toEqual(plainToInstance(Node, nest(40)));
    expect(work.isValid(made as object)).toBe(true);
    expect(JSON.parse(work.write(made as object, 1) ?? '')).toMatchObject(nest(40));
    expect(typeof work.read(nest(60), 1)).toBe('symbol');
    expect(work.write(plainToInstance(Node, nest(60)), 1)).toBeUndefined();
  }
});
