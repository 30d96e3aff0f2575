import { emittedParameterTypes } from './metadata-store';

const erased: readonly unknown[] = [Object, Array, Promise];

/**
 * Holds the first parameter's emitted class against the payload's class. Says what is wrong, or nothing: where the compiler
 * emitted no types (tsx, esbuild) there is nothing to hold against.
 */
export function payloadParameterFault(
  prototype: object,
  method: string | symbol,
  expected: unknown,
  expectedName: string,
): { readonly problem: string; readonly remedy: string } | undefined {
  const first = emittedParameterTypes(prototype, method)?.[0];
  if (first === undefined || expected === undefined || first === expected) return undefined;
  const isClass = expected !== String && expected !== Uint8Array;
  if (erased.includes(first)) {
    if (!isClass) return undefined;
    return {
      problem: `its first parameter has no class at run time (it reads ${(first as { name: string }).name})`,
      remedy: `Declare it as ${expectedName}, and import ${expectedName} without 'import type'`,
    };
  }
  const isBase = typeof first === 'function' && typeof expected === 'function' && expected.prototype instanceof first;
  if (isBase) return undefined;
  return {
    problem: `its first parameter is ${typeof first === 'function' ? first.name : String(first)}, but the channel carries ${expectedName}`,
    remedy: `Make it ${expected === String ? 'string' : isClass ? expectedName : 'Uint8Array'}`,
  };
}
