import type { Check, PropertyChecks } from './class-checks';
import type { ClassShape, StatedType } from './class-shape';
import { plainType } from './class-shape';
import { quoted } from './json-text';
import type { PlanValues } from './plan-values';
import { type PlannedWork, UNSURE } from './planned-work';

type Fields = Record<string, unknown>;

/** What a validator is told. */
interface Facts {
  targetName: string;
  property: string;
  object: object;
  value: unknown;
  constraints: Check['rule']['constraints'];
}

/** Reading and writing by a shape, without making code. */
export function interpretedShape(shape: ClassShape, values: PlanValues): Pick<PlannedWork, 'read' | 'write'> {
  return {
    read: (plain, depth) => readBy(shape, values, plain as Fields, depth),
    write: (instance, depth) => writeBy(shape, values, instance as Fields, depth),
  };
}

/** Checking by rules, without making code. */
export function interpretedChecks(
  target: { readonly name: string },
  checks: readonly PropertyChecks[],
  values: PlanValues,
): Pick<PlannedWork, 'isValid'> {
  return { isValid: (instance) => checks.every((ofProperty) => isPropertyValid(instance, target, ofProperty, values)) };
}

function readBy({ target, members, fixed }: ClassShape, values: PlanValues, plain: Fields, depth: number): unknown {
  const made = new target() as Fields;
  if (made.constructor !== target) return UNSURE;
  for (const name of Object.keys(plain)) {
    if (fixed.has(name)) {
      // What is not taken is still not to hold what nobody accepts.
      if (typeof plain[name] === 'object' && plain[name] !== null) return UNSURE;
      continue;
    }
    const member = members.get(name);
    if (member === undefined) {
      if (!values.take(made, name, plain[name], depth + 1)) return UNSURE;
      continue;
    }
    if (isOther(member.stated)) return UNSURE;
    const value = values.read(plain[name], member.type, member.takesLists, depth + 1);
    if (value === UNSURE) return UNSURE;
    if (typeof made[name] !== 'function') made[name] = value;
  }
  return made;
}

function writeBy({ members }: ClassShape, values: PlanValues, source: Fields, depth: number): string | undefined {
  let text = '';
  for (const name of Object.keys(source)) {
    if (name === '__proto__' || name === 'constructor') return undefined;
    const member = members.get(name);
    if (isOther(member?.stated)) return undefined;
    const value = source[name];
    if (value === undefined) continue;
    const json = values.write(value, member?.type ?? plainType, depth + 1);
    if (json === undefined) return undefined;
    text += `${text === '' ? '{' : ','}${quoted(name)}:${json}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function isOther(stated: StatedType | undefined): boolean {
  return stated !== undefined && stated.metadata.typeFunction?.() !== stated.met;
}

function isPropertyValid(
  object: object,
  { name: targetName }: { readonly name: string },
  { property, conditions, checks, isNested }: PropertyChecks,
  values: PlanValues,
): boolean {
  const value = (object as Fields)[property];
  // All of them are asked, as the library does.
  if (!conditions.map((rule) => rule.constraints[0](object, value)).every(Boolean)) return true;
  const isAccepted = checks.every((check) => {
    const { rule } = check;
    if (rule.validateIf !== undefined && !rule.validateIf(object, value)) return true;
    return accepts(check, { targetName, property, object, value, constraints: rule.constraints });
  });
  return isAccepted && (!isNested || values.isValid(value));
}

function accepts({ rule, validator, predicate }: Check, facts: Facts): boolean {
  const { value } = facts;
  const { constraints = [] } = rule;
  const isAccepted = (item: unknown): boolean =>
    predicate === undefined ? Boolean(validator.validate(item, facts)) : predicate(item, ...constraints);
  if (!rule.each || !isCollection(value)) return isAccepted(value);
  return Array.isArray(value) && value.every(isAccepted);
}

function isCollection(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}
