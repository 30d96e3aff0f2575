import { types } from 'node:util';
import { getMetadataStorage } from 'class-validator';
import { typesOfProperty } from './class-transformer-storage';

/**
 * The asynchronous validators of a class and of the classes nested in it, as `Order.customerId`. class-validator leaves them
 * out where validation is synchronous, without a word.
 */
export function asyncValidatorsOf(payloadClass: object): readonly string[] {
  const found: string[] = [];
  const seen = new Set<object>();
  const open: object[] = [payloadClass];
  for (let current = open.pop(); current !== undefined; current = open.pop()) {
    if (seen.has(current)) continue;
    seen.add(current);
    found.push(...ownAsyncValidators(current));
    for (const nested of nestedClasses(current)) open.push(nested);
  }
  return [...new Set(found)];
}

function rulesOf(target: object): ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']> {
  return getMetadataStorage().getTargetValidationMetadatas(target as never, '', false, false);
}

function ownAsyncValidators(target: object): string[] {
  const storage = getMetadataStorage();
  return rulesOf(target)
    .filter(
      (rule) =>
        rule.type === 'promiseValidation' ||
        (rule.constraintCls !== undefined && storage.getTargetValidatorConstraints(rule.constraintCls).some(isAsync)),
    )
    .map((rule) => `${(target as { name: string }).name}.${rule.propertyName}`);
}

function isAsync(constraint: { readonly async: boolean; readonly target: { readonly prototype?: unknown } }): boolean {
  const { validate } = (constraint.target.prototype ?? {}) as { readonly validate?: unknown };
  return constraint.async === true || types.isAsyncFunction(validate);
}

function nestedClasses(target: object): object[] {
  const properties = new Set(
    rulesOf(target)
      .filter((rule) => rule.type === 'nestedValidation')
      .map((rule) => rule.propertyName),
  );
  return [...properties]
    .flatMap((property) => typesOfProperty(target, property))
    .filter((type) => typeof type === 'function');
}
