import { getMetadataStorage } from 'class-validator';

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Constraint = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']>[number];
type Validator = Constraint['instance'];

/** A rule of a property with the validators behind it. */
interface Check {
  readonly rule: Rule;
  readonly validators: readonly Validator[];
}

interface PropertyChecks {
  readonly property: string;
  readonly conditions: readonly Rule[];
  readonly checks: readonly Check[];
}

/** What is to be checked for a class; `undefined` for a class with rules that only the library knows to apply. */
type ClassChecks = readonly PropertyChecks[] | undefined;

const known = new WeakMap<object, ClassChecks>();

/**
 * Asks the validators of class-validator in its own order, without its errors and without collecting the rules anew for each
 * message. `true`: all accept, and `validateSync` finds nothing either. `false`: one refuses, or it is a class with nested
 * objects or the like; then the library decides, and words the errors.
 */
export function isSurelyValid(instance: object): boolean {
  return checksOf(instance.constructor)?.every((checks) => isPropertyValid(instance, checks)) ?? false;
}

function isPropertyValid(object: object, { property, conditions, checks }: PropertyChecks): boolean {
  const value = (object as Record<string, unknown>)[property];
  // All of them are asked, as the library does.
  if (conditions.length > 0 && !conditions.map((rule) => rule.constraints[0](object, value)).every(Boolean))
    return true;
  const targetName = object.constructor.name;
  return checks.every(({ rule, validators }) => {
    if (rule.validateIf !== undefined && !rule.validateIf(object, value)) return true;
    // Each item of a list is the library's business.
    if (rule.each && typeof value === 'object') return false;
    const facts = { targetName, property, object, value, constraints: rule.constraints };
    return validators.every((validator) => validator.validate(value, facts));
  });
}

function checksOf(target: unknown): ClassChecks {
  if (typeof target !== 'function') return undefined;
  if (known.has(target)) return known.get(target);
  const checks = collect(target);
  known.set(target, checks);
  return checks;
}

function collect(target: object): ClassChecks {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(target as never, undefined as never, false, false);
  const byProperty: PropertyChecks[] = [];
  for (const [property, own] of Object.entries(storage.groupByPropertyName(rules))) {
    const checks = own.filter(({ type }) => type === 'customValidation').map(checkOf);
    const conditions = own.filter(({ type }) => type === 'conditionalValidation');
    const others = own.filter(({ type }) => type === 'whitelistValidation');
    if (checks.length + conditions.length + others.length < own.length) return undefined;
    if (checks.some((check) => check === undefined)) return undefined;
    byProperty.push({ property, conditions, checks: checks as Check[] });
  }
  return byProperty;
}

/** `undefined` where the validators cannot be kept. */
function checkOf(rule: Rule): Check | undefined {
  const constraints = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  return constraints.every(isKept) ? { rule, validators: constraints.map(({ instance }) => instance) } : undefined;
}

/** Neither asynchronous nor made anew by a container each time it is asked for. */
function isKept(constraint: Constraint): boolean {
  const first = constraint.instance;
  return !constraint.async && first === constraint.instance;
}
