import { types } from 'node:util';
import type { InboundRecord } from '../binder/record';
import { readable } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import type { Decoded, RecordDecoder } from './decoder';
import { Interrupted, limited } from './run-limited';

/** A record that cannot be decoded or validated, with the reason as its cause; never leaves the pipeline. */
export class Invalid extends Error {
  constructor(reason: unknown) {
    super('the record is invalid', { cause: reason });
  }
}

export interface DecodeLimits {
  readonly timeout: number | false;
  readonly deadline: AbortSignal;
  readonly binding: string;
}

/**
 * Decodes, under the limits of a handler where the codec or schema takes its time.
 *
 * @throws Invalid for what is wrong with the record; a decoder that hangs (HANDLER_TIMEOUT) is no fault of the record and is retried
 */
export function decodeLimited(
  decoder: RecordDecoder,
  record: InboundRecord,
  attempt: number,
  limits: DecodeLimits,
): Decoded | Promise<Decoded> {
  try {
    const decoded = decoder.decode(record, attempt);
    if (!types.isPromise(decoded)) return decoded;
    const { timeout, deadline, binding } = limits;
    return limited(decoded, { limitMs: timeout, deadline, owner: `decoding for '${binding}'` }).catch(fail);
  } catch (error) {
    return fail(error);
  }
}

function fail(thrown: unknown): never {
  const error = readable(thrown);
  if (error instanceof Interrupted || MillraceError.is(error, 'HANDLER_TIMEOUT')) throw error;
  throw new Invalid(error);
}
