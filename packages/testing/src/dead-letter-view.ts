import type { Application, ChannelToken, MessageHeaders } from '@millrace/core';
import type { DeadLetter } from '@millrace/core/spi';

/** A dead letter: the record as it came, and why nobody could handle it. */
export interface DeadLetterView<T> {
  /** The payload, untouched; `null` for a tombstone. */
  readonly bytes: Uint8Array | null;
  /** The bytes read as UTF-8. */
  readonly text: string;
  /** The payload, where the bytes can be read as what the channel carries. */
  readonly payload: T | undefined;
  /** Headers of the record, without the reason. */
  readonly headers: MessageHeaders;
  readonly key: string | undefined;
  /** Where it was read. */
  readonly destination: string;
  readonly group: string | undefined;
  readonly reason: {
    /** `invalid`: could not be decoded or validated. `failed`: the handler gave up. */
    readonly kind: 'invalid' | 'failed';
    /** Code of a MillraceError; `undefined` for errors of the application's own. */
    readonly code: string | undefined;
    readonly errorName: string;
    readonly message: string;
    /** Calls of the handler. */
    readonly attempts: number;
  };
}

export async function deadLetterView<T>(
  letter: DeadLetter,
  channel: ChannelToken<T>,
  application: Application,
): Promise<DeadLetterView<T>> {
  const { record, kind, code, errorName, errorMessage, attempts, group } = letter;
  const { payload: bytes, headers, key, destination } = record;
  return {
    bytes,
    text: bytes === null ? '' : Buffer.from(bytes).toString('utf8'),
    payload: await payloadOf(letter, channel, application),
    headers,
    key,
    destination,
    group,
    reason: { kind, code, errorName, message: errorMessage, attempts },
  };
}

async function payloadOf<T>(
  { record }: DeadLetter,
  channel: ChannelToken<T>,
  application: Application,
): Promise<T | undefined> {
  try {
    return (await application.decode(channel, record)).payload;
  } catch {
    return undefined;
  }
}
