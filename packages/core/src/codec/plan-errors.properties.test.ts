import 'reflect-metadata';
import { plainToInstance, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Min,
  ValidateBy,
  ValidateNested,
  type ValidationError,
  validateSync,
} from 'class-validator';
import * as fc from 'fast-check';
import { type ChannelToken, channel } from '../channel/channel';
import { builtInCodecs } from './built-in-codecs';
import { CodecRegistry } from './codec-registry';

class Price {
  @IsInt() @Min(0) cents!: number;
  @IsIn(['EUR', 'USD'], { message: '$value is no $property, only $constraint1' }) currency!: string;
}

class Line {
  @IsString() @Length(1, 3) name!: string;
  @Type(() => Price) @ValidateNested() price!: Price;
  @IsString({ each: true }) @ArrayMaxSize(2) @IsOptional() tags?: string[];
}

class Invoice {
  @IsString() id = 'none';
  @Type(() => Date) @IsDate() @IsOptional() at?: Date;
  @Type(() => Line) @ValidateNested({ each: true }) lines: Line[] = [];
  @Type(() => Line) @ValidateNested() @IsOptional() first?: Line;
  @ValidateBy({
    name: 'touchy',
    validator: {
      validate: (value) => {
        if (value === 'throw') throw new Error('touched');
        return value !== 'no';
      },
      defaultMessage: (facts) => `${facts?.targetName}: $property is ${String(facts?.value)}`,
    },
  })
  touchy: unknown;
}

const codecs = new CodecRegistry(builtInCodecs);
const Invoices = channel('invoices', Invoice) as unknown as ChannelToken<unknown>;

/** What the libraries alone say of it, in our words. */
function byLibraries(plain: object): unknown {
  const instance = plainToInstance(Invoice, plain);
  const subject = "Invoice on channel 'invoices' was refused";
  let errors: ValidationError[];
  try {
    errors = validateSync(instance, { forbidUnknownValues: false });
  } catch (error) {
    return `${subject}: one of its validators failed with '${(error as Error).message}'`;
  }
  return errors.length === 0 ? instance : `${subject}: ${lines(errors, '').join('; ')}`;
}

function lines(errors: readonly ValidationError[], parent: string): string[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const step = /^\d+$/.test(property) ? `[${property}]` : parent === '' ? property : `.${property}`;
    const path = parent + step;
    const own = Object.values(constraints).map((text) => (parent === '' ? text : `${path}: ${text}`));
    return [...own, ...lines(children, path)];
  });
}

const often = <T>(right: fc.Arbitrary<T>, ...wrong: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, fc.constantFrom(...wrong));
const price = fc.record({ cents: often(fc.nat(), -1, 1.5, '1', null), currency: often(fc.constant('EUR'), 'DM', 1) });
const line = fc.record(
  {
    name: often(fc.constant('abc'), '', 'abcd', 7, ['a'], {}),
    price: often(price, null, 'free', 1, [], [{ cents: 0, currency: 'DM' }]),
    tags: often(fc.array(fc.constant('a'), { maxLength: 2 }), ['a', 1], 'a', {}, ['a', 'a', 'a']),
  },
  { requiredKeys: ['name', 'price'] },
);
const invoice = fc.record(
  {
    id: often(fc.string(), 1, null, {}, []),
    at: often(fc.constant('2026-01-02T03:04:05.678Z'), 'never', 0, null, true, {}),
    lines: often(fc.array(line, { maxLength: 3 }), null, 'none', {}, [null], [[]], [1]),
    first: often(line, null, 'none', 0),
    touchy: often(fc.constant('yes'), 'no', 'throw'),
    more: fc.jsonValue({ maxDepth: 2 }),
  },
  { requiredKeys: ['id', 'lines'] },
);

test('B24 a payload is accepted or refused in the words of the libraries, whatever is wrong with it', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(invoice, (plain) => {
      const json = JSON.stringify(plain);
      fc.pre(!/"(__proto__|constructor|toString|valueOf|hasOwnProperty)"/.test(json));
      const expected = byLibraries(JSON.parse(json) as object);
      let got: unknown;
      try {
        got = codecs.decode(Buffer.from(json), Invoices, {}, undefined);
        accepted += 1;
      } catch (error) {
        got = (error as Error).message;
        refused += 1;
      }
      expect(got).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
  expect(accepted).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(100);
});
