import * as classValidator from 'class-validator';
import type { Check } from './class-checks';

/** Asked with the value and the constraints of the rule. */
export type Predicate = (value: unknown, ...constraints: readonly unknown[]) => boolean;

/** In longer texts the library's own search is faster. */
const SHORT = 64;
const FIRST_SURROGATE = 0xd800;

/** By the names that decorators give their validators: the text of their message, and what they ask, which the library exports. */
const predicates: ReadonlyMap<string, readonly [message: string, ask: Predicate]> = new Map([
  entry('isString', 'must be a string', classValidator.isString),
  entry('isBoolean', 'must be a boolean value', classValidator.isBoolean),
  entry('isInt', 'must be an integer number', classValidator.isInt),
  entry('isNumber', 'must be a number conforming to the specified constraints', classValidator.isNumber),
  entry('isPositive', 'must be a positive number', classValidator.isPositive),
  entry('isNegative', 'must be a negative number', classValidator.isNegative),
  entry('min', 'must not be less than $constraint1', classValidator.min),
  entry('max', 'must not be greater than $constraint1', classValidator.max),
  entry('isDate', 'must be a Date instance', classValidator.isDate),
  entry('isArray', 'must be an array', classValidator.isArray),
  entry('isIn', 'must be one of the following values: $constraint1', classValidator.isIn),
  entry('isNotEmpty', 'should not be empty', classValidator.isNotEmpty),
  entry('isUuid', 'must be a UUID', classValidator.isUUID),
  entry('isLength', 'must be longer than or equal to $constraint1 characters', isLength),
  entry('minLength', 'must be longer than or equal to $constraint1 characters', minLength),
  entry('maxLength', 'must be shorter than or equal to $constraint1 characters', maxLength),
]);

/**
 * What the validator of a decorator of the library asks, without the two calls around it that every class has its own of. A name may be
 * taken by a decorator of the application: only one that speaks as the library's own is taken for that. `undefined` for all others,
 * and where another release has other words.
 */
export function predicateOf(
  name: string,
  { rule, validator }: Pick<Check, 'rule' | 'validator'>,
): Predicate | undefined {
  const [message, ask] = predicates.get(name) ?? [];
  const facts = { targetName: '', property: '', object: {}, value: '', constraints: rule.constraints };
  try {
    const said = validator.defaultMessage?.(facts);
    return said === `${rule.each ? 'each value in ' : ''}$property ${message}` ? ask : undefined;
  } catch {
    return undefined;
  }
}

function entry(name: string, message: string, ask: unknown): [string, readonly [string, Predicate]] {
  return [name, [message, ask as Predicate]];
}

/** The library searches every text for pairs of surrogates and for variation selectors, which it does not count. */
function isLength(value: unknown, least: number, most?: number): boolean {
  return isWithin(value, least, most) || classValidator.length(value, least, most);
}

function minLength(value: unknown, least: number): boolean {
  return isWithin(value, least) || classValidator.minLength(value, least);
}

function maxLength(value: unknown, most: number): boolean {
  return isWithin(value, 0, most) || classValidator.maxLength(value, most);
}

/** Whether it is a short text of which each character counts, and as long as is wanted; `false` is not sure. */
function isWithin(value: unknown, least: number, most = Number.POSITIVE_INFINITY): boolean {
  if (typeof value !== 'string' || !(value.length >= least && value.length <= most && value.length <= SHORT))
    return false;
  for (let index = 0; index < value.length; index += 1) if (value.charCodeAt(index) >= FIRST_SURROGATE) return false;
  return true;
}
