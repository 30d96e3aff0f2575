import { z } from 'zod';
import { lineageOf } from '../errors/carried-error';

/** An error class. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** How options name errors: by class in code, by class name anywhere. Subclasses match too. */
export type ErrorName = string | ErrorClass;

/** Reads a list of {@link ErrorName}s. */
export function errorNames(): z.ZodType<readonly ErrorName[], readonly ErrorName[]> {
  const isClass = (value: unknown): boolean =>
    typeof value === 'function' && (value === Error || value.prototype instanceof Error);
  const one = z.union([z.string().min(1), z.custom<ErrorClass>(isClass, 'expected the name of an error class')]);
  return z.array(one) as unknown as z.ZodType<readonly ErrorName[], readonly ErrorName[]>;
}

/** How far up the class chain the error meets one of the names: 0 is its own class. `undefined`: nowhere. */
export function matchDistance(error: unknown, names: readonly ErrorName[] | undefined): number | undefined {
  if (names === undefined || names.length === 0 || !(error instanceof Error)) return undefined;
  const hit = (type: { readonly name: string }): boolean => names.some((name) => name === type || name === type.name);
  if (names.includes(error.name)) return 0;
  const lineage = lineageOf(error);
  if (lineage !== undefined) {
    const known = names.map(nameOf);
    const index = lineage.findIndex((type) => known.includes(type));
    return index === -1 ? undefined : index;
  }
  let distance = 0;
  for (
    let type = error.constructor;
    type !== Function.prototype && type !== null;
    type = Object.getPrototypeOf(type) as typeof type
  ) {
    if (hit(type)) return distance;
    distance += 1;
  }
  return undefined;
}

/** An error of another thread has its classes there: here they are known by their names alone. */
function nameOf(name: ErrorName): string {
  return typeof name === 'string' ? name : name.name;
}
