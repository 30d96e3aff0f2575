import type { z } from 'zod';
import type { BinderConfig } from './config-schema';
import type { Faults } from './faults';
import { readOptions } from './read-options';

/** An entry under `binders`, taken apart: what core reads, and what is the binder's own. */
export interface BinderOptions {
  readonly startup: BinderConfig['startup'];
  readonly options: unknown;
}

/** Reads the entry by the schema of its binder; `undefined` when there are faults. */
export function readBinderOptions(
  schema: z.ZodType,
  entry: BinderConfig,
  where: string,
  faults: Faults,
): BinderOptions | undefined {
  const { type: _type, startup, ...own } = entry;
  const before = faults.count;
  const options = readOptions(schema, own, where, faults, ['type', 'startup']);
  return faults.count === before ? { startup, options } : undefined;
}
