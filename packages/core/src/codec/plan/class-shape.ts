import { beyondTypes, type TypeMetadata, typesOf } from '../class-transformer-storage';
import type { PropertyChecks } from './class-checks';
import { Uncovered } from './uncovered';

export type PayloadConstructor = new () => object;

/** What `@Type` makes of a member's values, and of the items of a list. */
export type ValueType =
  | { readonly kind: 'plain' | 'object' | 'string' | 'number' | 'boolean' | 'date' }
  | { readonly kind: 'class'; readonly target: PayloadConstructor };

/** `@Type` as it was met when the plan was made. */
export interface StatedType {
  readonly metadata: TypeMetadata;
  /** What its function gave then. It is asked each time, and where it gives something else the libraries have to do it. */
  readonly met: unknown;
}

export interface Member {
  readonly name: string;
  readonly type: ValueType;
  readonly stated: StatedType | undefined;
  /** Whether class-transformer makes an ordinary list of a list here. */
  readonly takesLists: boolean;
}

/** What class-transformer would do for a class that knows no decorator of it but `@Type`. */
export interface ClassShape {
  readonly target: PayloadConstructor;
  /** Members that a decorator names. */
  readonly members: ReadonlyMap<string, Member>;
  /** Methods, and properties with nothing but a getter: a payload does not change them. */
  readonly fixed: ReadonlySet<string>;
}

/** Names that would reach a prototype; whatever bears them is left to the libraries. */
export const reservedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor']);

const builtIns: readonly (abstract new (...args: never[]) => unknown)[] = [
  ...[Object, Array, Set, Map, Date, Promise, Uint8Array, String, Number, Boolean, Function, Error, RegExp],
];

const kinds: ReadonlyMap<unknown, Exclude<ValueType['kind'], 'class'>> = new Map<
  unknown,
  Exclude<ValueType['kind'], 'class'>
>([
  [Object, 'object'],
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Date, 'date'],
]);

/** Of what no `@Type` speaks of. */
export const plainType: ValueType = Object.freeze({ kind: 'plain' });

/** The shape of one class; that of the classes nested in it is another matter. */
export function shapeOf(target: PayloadConstructor, checks: readonly PropertyChecks[]): ClassShape | Uncovered {
  if (!isOwnClass(target)) return new Uncovered('a class of a special kind');
  const others = beyondTypes(target);
  if (others !== undefined) return new Uncovered(others);
  const members = new Map<string, Member>();
  for (const [name, metadata] of typesOf(target)) {
    const member = memberOf(name, metadata);
    if (member instanceof Uncovered) return member;
    members.set(name, member);
  }
  for (const { property: name } of checks)
    if (!members.has(name)) members.set(name, { name, type: plainType, stated: undefined, takesLists: true });
  const reserved = [...members.keys()].find((name) => reservedNames.has(name));
  if (reserved !== undefined) return new Uncovered(`a member named ${reserved}`);
  return { target, members, fixed: fixedOf(target.prototype) };
}

/** The classes that `@Type` names in a shape. */
export function nestedIn({ members }: ClassShape): readonly PayloadConstructor[] {
  return [...members.values()].flatMap(({ type }) => (type.kind === 'class' ? [type.target] : []));
}

function isOwnClass(target: object): boolean {
  const { prototype } = target as { readonly prototype?: unknown };
  if (typeof prototype !== 'object' || prototype === null || 'then' in prototype) return false;
  if (prototype.constructor !== target) return false;
  return !builtIns.some((one) => one === target || (one !== Object && prototype instanceof one));
}

function memberOf(name: string, metadata: TypeMetadata): Member | Uncovered {
  const { options, reflectedType, typeFunction } = metadata;
  if (options?.discriminator !== undefined) return new Uncovered(`discriminator of ${name}`);
  if (reflectedType === Map) return new Uncovered(`Map of ${name}`);
  if (typeFunction !== undefined && !asksForNothing(typeFunction))
    return new Uncovered(`@Type of ${name} asks for the message`);
  const met = typeFunction === undefined ? reflectedType : metOf(typeFunction);
  const type = typeOf(met);
  if (type === undefined) return new Uncovered(`@Type of ${name}`);
  const stated = typeFunction === undefined ? undefined : { metadata, met };
  return { name, type, stated, takesLists: isListType(reflectedType) };
}

/** By its source: the library hands it the message, and what it does not take it cannot look at. */
function asksForNothing(typeFunction: (...args: never[]) => unknown): boolean {
  const source = String(typeFunction);
  return /^(?:function\b[^(]*)?\(\s*\)/.test(source) && !/\b(?:arguments|this)\b/.test(source);
}

/** Nothing where it fails: classes that import each other may not be there yet. */
function metOf(typeFunction: () => unknown): unknown {
  try {
    return typeFunction();
  } catch {
    return undefined;
  }
}

function typeOf(met: unknown): ValueType | undefined {
  const kind = kinds.get(met);
  if (kind !== undefined) return { kind };
  return typeof met === 'function' && isOwnClass(met)
    ? { kind: 'class', target: met as PayloadConstructor }
    : undefined;
}

/** The library makes a list of the type that TypeScript left behind, where that is one. */
function isListType(reflectedType: unknown): boolean {
  return reflectedType === undefined || reflectedType === Array || kinds.has(reflectedType);
}

function fixedOf(prototype: object): ReadonlySet<string> {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return new Set(
    descriptors.filter(([name, { set }]) => set === undefined && !reservedNames.has(name)).map(([name]) => name),
  );
}
