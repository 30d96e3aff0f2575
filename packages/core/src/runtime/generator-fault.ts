import { types } from 'node:util';

/** A generator does nothing until somebody iterates over it, so its message would be acknowledged unhandled. */
export function generatorFault(handler: unknown): [problem: string, remedy: string] | undefined {
  if (!types.isGeneratorFunction(handler)) return undefined;
  return ['it is a generator, whose body would never run', 'Return a list, or send through a Source'];
}
