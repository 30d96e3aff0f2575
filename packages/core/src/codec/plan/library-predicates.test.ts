import * as classValidator from 'class-validator';
import { ValidateBy, type ValidationArguments } from 'class-validator';
import { checksOf } from './class-checks';
import { ClassPlans } from './class-plans';
import { Uncovered } from './uncovered';

type Target = new () => { value: unknown };

function decorated(decorator: PropertyDecorator): Target {
  class Payload {
    value: unknown;
  }
  decorator(Payload.prototype, 'value');
  return Payload;
}

function hasPredicate(target: Target): boolean {
  const all = checksOf(target);
  if (all instanceof Uncovered) throw new Error('a decorator is not covered');
  return all.some(({ checks }) => checks.some(({ predicate }) => predicate !== undefined));
}

const { IsArray, IsBoolean, IsDate, IsIn, IsInt, IsNegative, IsNotEmpty, IsNumber, IsPositive, IsString, IsUUID } =
  classValidator;
const { Length, Max, MaxLength, Min, MinLength } = classValidator;

test.each([
  ...[
    IsString(),
    IsString({ message: 'no' }),
    IsString({ each: true }),
    IsBoolean(),
    IsInt(),
    IsNumber(),
    IsPositive(),
  ],
  ...[IsNegative(), Min(1), Max(2), IsDate(), IsArray(), IsIn(['a']), IsNotEmpty(), IsUUID(), IsUUID('4')],
  ...[Length(0, 3), Length(2), MinLength(1), MaxLength(3)],
])('a decorator of the installed class-validator is known, %#', (decorator) => {
  expect(hasPredicate(decorated(decorator))).toBe(true);
});

const refuse = { validate: (): boolean => false };

test.each<[string, (args?: ValidationArguments) => string]>([
  ['without the words of the library', () => 'must not be'],
  [
    'whose words cannot be had',
    () => {
      throw new Error('not now');
    },
  ],
])('a decorator of the application that takes a name of the library, %s, is asked itself', (_, defaultMessage) => {
  const target = decorated(ValidateBy({ name: 'isString', validator: { ...refuse, defaultMessage } }));
  expect(hasPredicate(target)).toBe(false);
  const payload = Object.assign(new target(), { value: 'a' });
  for (const isCompiled of [true, false])
    expect(new ClassPlans(isCompiled).workOf(target).isValid(payload)).toBe(false);
});
