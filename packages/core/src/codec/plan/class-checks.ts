import * as classValidator from 'class-validator';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { type Predicate, predicateOf } from './library-predicates';
import { Uncovered } from './uncovered';

export type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Constraint = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']>[number];
export type Validator = Constraint['instance'];

/** A rule of a property with a validator behind it. */
export interface Check {
  readonly rule: Rule;
  readonly validator: Validator;
  /** A decorator of class-validator itself: it looks at what it is told and forgets it, so that all of them can be told by one object. */
  readonly isLibrarys: boolean;
  /** Asked in place of the validator. */
  readonly predicate: Predicate | undefined;
}

export interface PropertyChecks {
  readonly property: string;
  /** `@IsOptional` and `@ValidateIf`. All of them are asked, as the library does. */
  readonly conditions: readonly Rule[];
  /** In the library's order: `@IsDefined` first. */
  readonly checks: readonly Check[];
  readonly isNested: boolean;
}

/** The names of the library's own decorators are among what it exports: `IS_STRING = 'isString'`. */
const libraryNames: ReadonlySet<unknown> = new Set(
  Object.values(classValidator).filter((value) => typeof value === 'string'),
);

/** The rules of a class, in the order in which class-validator applies them. */
export function checksOf(target: object): readonly PropertyChecks[] | Uncovered {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(target as never, undefined as never, false, false);
  const all: PropertyChecks[] = [];
  for (const [property, own] of Object.entries(storage.groupByPropertyName(rules))) {
    const checks = checksOfProperty(property, own);
    if (checks instanceof Uncovered) return checks;
    all.push(checks);
  }
  return all;
}

const covered: ReadonlySet<string> = new Set([
  ...[ValidationTypes.CUSTOM_VALIDATION, ValidationTypes.IS_DEFINED, ValidationTypes.CONDITIONAL_VALIDATION],
  ...[ValidationTypes.NESTED_VALIDATION, ValidationTypes.WHITELIST],
]);

function checksOfProperty(property: string, rules: readonly Rule[]): PropertyChecks | Uncovered {
  const other = rules.find(({ type }) => !covered.has(type));
  if (other !== undefined) return new Uncovered(`${other.type} of ${property}`);
  const of = (wanted: string): readonly Rule[] => rules.filter(({ type }) => type === wanted);
  const checks: Check[] = [];
  for (const rule of [...of(ValidationTypes.IS_DEFINED), ...of(ValidationTypes.CUSTOM_VALIDATION)]) {
    for (const constraint of getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls)) {
      if (constraint.async) return new Uncovered(`asynchronous ${constraint.name} of ${property}`);
      const validator = isMadeByLibrary(constraint) ? constraint.instance : new FoundValidator(constraint);
      const isLibrarys = isMadeByLibrary(constraint) && libraryNames.has(constraint.name);
      const predicate = isLibrarys ? predicateOf(constraint.name, { rule, validator }) : undefined;
      checks.push({ rule, validator, isLibrarys, predicate });
    }
  }
  return {
    property,
    conditions: of(ValidationTypes.CONDITIONAL_VALIDATION),
    checks,
    isNested: of(ValidationTypes.NESTED_VALIDATION).length > 0,
  };
}

/** The class around the function of a decorator, other than a class of the application that a container may have to fill. */
function isMadeByLibrary({ target }: Constraint): boolean {
  return (target as { readonly name?: unknown }).name === 'CustomConstraint';
}

/** A validator of the application. It is asked for with the first message, when its container is there, and kept if the container keeps it. */
class FoundValidator implements Validator {
  readonly #constraint: Constraint;
  #kept: Validator | undefined;

  constructor(constraint: Constraint) {
    this.#constraint = constraint;
  }

  validate(...asked: Parameters<Validator['validate']>): ReturnType<Validator['validate']> {
    return (this.#kept ?? this.#found()).validate(...asked);
  }

  #found(): Validator {
    const found = this.#constraint.instance;
    if (found === this.#constraint.instance) this.#kept = found;
    return found;
  }
}
