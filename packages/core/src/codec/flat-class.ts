import { beyondTypes, type TypeMetadata, typesOf } from './class-transformer-storage';

interface FlatClass {
  /** What `@Type` said of the properties. */
  readonly types: ReadonlyMap<string, TypeMetadata>;
}

/** `undefined` for a class that is the library's business. */
type Known = FlatClass | undefined;

type Fields = Record<string, unknown>;

const known = new WeakMap<object, Known>();

const builtIns: readonly (abstract new (...args: never[]) => unknown)[] = [Array, Set, Map, Date, Promise, Uint8Array];

/**
 * What `instanceToPlain` makes of an object of scalars and dates whose class has no decorator of class-transformer but
 * `@Type`; `undefined` for any other, which is left to the library. The same steps, without asking the metadata for each.
 * For codecs of other notations than JSON.
 */
export function flatToPlain(instance: object): object | undefined {
  const flat = flatClassOf(instance.constructor);
  const source = instance as Fields;
  const keys = Object.keys(source);
  if (flat === undefined || !keys.every((key) => isOrdinary(key) && isFlat(source[key]))) return undefined;
  const plain: Fields = {};
  for (const key of keys) plain[key] = converted(source[key], typeOf(flat.types.get(key), source, key, plain));
  return plain;
}

function flatClassOf(target: unknown): Known {
  if (typeof target !== 'function') return undefined;
  if (known.has(target)) return known.get(target);
  const types = isOwnClass(target) && beyondTypes(target) === undefined ? typesOf(target) : undefined;
  const isSimple = types !== undefined && [...types.values()].every(isSimpleType);
  const result = isSimple ? { types } : undefined;
  known.set(target, result);
  return result;
}

function isOwnClass(target: { readonly prototype?: unknown }): boolean {
  const { prototype } = target;
  if (typeof prototype !== 'object' || prototype === null || 'then' in prototype) return false;
  return prototype.constructor === target && !builtIns.some((one) => one === target || prototype instanceof one);
}

function isSimpleType({ options, reflectedType }: TypeMetadata): boolean {
  return options?.discriminator === undefined && reflectedType !== Map;
}

function isOrdinary(key: string): boolean {
  return key !== '__proto__' && key !== 'constructor';
}

function isFlat(value: unknown): boolean {
  return isScalar(value) || value instanceof Date;
}

function isScalar(value: unknown): boolean {
  return value === null || (typeof value !== 'object' && typeof value !== 'function');
}

/** Asked anew for each object, as the library does: the function may look at it. */
function typeOf(metadata: TypeMetadata | undefined, object: Fields, property: string, newObject: Fields): unknown {
  if (metadata?.typeFunction === undefined) return metadata?.reflectedType;
  return metadata.typeFunction({ newObject, object, property });
}

/** The library's conversion of a scalar or date to the type of its property. */
function converted(value: unknown, type: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (type === String) return String(value);
  if (type === Number) return Number(value);
  if (type === Boolean) return Boolean(value);
  if (value instanceof Date) return new Date(value.valueOf());
  if (type === Date) return new Date(value as string);
  return type === Buffer ? Buffer.from(value as string) : value;
}
