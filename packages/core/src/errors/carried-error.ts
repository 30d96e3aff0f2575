import { describeError, readable } from './describe-error';
import { type ErrorCode, errorCodes } from './error-codes';
import { MillraceError } from './millrace-error';
import { Reject, RetryLater } from './verdicts';

type Primitive = string | number | boolean | bigint | null | undefined;

/** What was thrown in another thread, as structured cloning can carry it: a class does not survive that, its name does. */
export type CarriedError =
  | { readonly kind: 'value'; readonly value: Primitive }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** Names of its classes, its own first; empty for what is no error. */
      readonly lineage: readonly string[];
      /** Own properties that are plain values: `code`, `status`. */
      readonly facts: Readonly<Record<string, Primitive>>;
      readonly cause: CarriedError | undefined;
    };

const MAX_CAUSES = 5;
const lineages = new WeakMap<Error, readonly string[]>();

/** Names of an error's classes where they are those of another thread. */
export function lineageOf(error: Error): readonly string[] | undefined {
  return lineages.get(error);
}

/** Whatever was thrown. Never throws. */
export function carriedError(given: unknown, depth = 0): CarriedError {
  const thrown = readable(given);
  if (isPrimitive(thrown)) return { kind: 'value', value: thrown };
  const { name, message, stack } = describeError(thrown);
  const bare = { kind: 'error', name, message, stack, lineage: [], facts: {}, cause: undefined } as const;
  if (!(thrown instanceof Error)) return bare;
  try {
    const cause = thrown.cause === undefined || depth >= MAX_CAUSES ? undefined : carriedError(thrown.cause, depth + 1);
    return { ...bare, message: String(thrown.message), lineage: classNames(thrown), facts: plainFacts(thrown), cause };
  } catch {
    return bare;
  }
}

/** The same for whoever retries, matches or writes it: verdicts and errors of Millrace in their own classes, others by name. */
export function errorFrom(carried: CarriedError): unknown {
  if (carried.kind === 'value') return carried.value;
  const { name, stack, lineage, facts } = carried;
  const error = ofOwnClass(carried);
  for (const [key, value] of Object.entries(facts))
    if (!(key in error)) Object.defineProperty(error, key, { value, enumerable: true, configurable: true });
  const hidden = { configurable: true, writable: true };
  Object.defineProperties(error, { name: { ...hidden, value: name }, stack: { ...hidden, value: stack } });
  lineages.set(error, lineage);
  return error;
}

function ofOwnClass({ message, facts, lineage, cause: carried }: CarriedError & { readonly kind: 'error' }): Error {
  const options = carried === undefined ? {} : { cause: errorFrom(carried) };
  const { code, retryable, delayMs } = facts;
  if (!lineage.includes('MillraceError') || typeof code !== 'string' || !(code in errorCodes))
    return new Error(message, options);
  if (code === 'HANDLER_REJECTED') return new Reject(message, options);
  if (code === 'HANDLER_RETRY_LATER' && typeof delayMs === 'number') return new RetryLater(delayMs, message, options);
  return new MillraceError(code as ErrorCode, message, {
    ...options,
    ...(typeof retryable === 'boolean' && { retryable }),
  });
}

function classNames(error: Error): string[] {
  const names: string[] = [];
  for (
    let type: unknown = error.constructor;
    typeof type === 'function' && type !== Function.prototype;
    type = Object.getPrototypeOf(type)
  )
    names.push(type.name);
  return names;
}

function plainFacts(error: Error): Record<string, Primitive> {
  const entries = Object.entries(error).filter((entry): entry is [string, Primitive] => isPrimitive(entry[1]));
  return Object.fromEntries(entries.filter(([key]) => key !== 'name' && key !== 'message' && key !== 'stack'));
}

function isPrimitive(value: unknown): value is Primitive {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}
