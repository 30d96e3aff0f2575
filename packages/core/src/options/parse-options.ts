import type { z } from 'zod';
import { MillraceError } from '../errors/millrace-error';

/**
 * Options of a binder, or of one of its bindings, by their strict schema, with every default filled in.
 *
 * @param what whose options they are, for the error
 * @throws MillraceError CONFIGURATION_INVALID naming every fault
 */
export function parseOptions<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`);
  throw new MillraceError('CONFIGURATION_INVALID', `${what}: ${faults.join('; ')}`, { cause: result.error });
}
