import { Reject } from '../errors/verdicts';
import type { HandlerRoute } from './handler-route';

/** @throws Reject when a handler gave what would be acknowledged before, or without, its work */
export function refuseStream(result: unknown, { owner }: HandlerRoute): void {
  if (isStream(result)) throw new Reject(`${owner} returned a stream, whose work nobody would await`);
}

/** A generator, a readable stream, an observable. */
function isStream(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false;
  return Symbol.asyncIterator in result || typeof (result as { subscribe?: unknown }).subscribe === 'function';
}
