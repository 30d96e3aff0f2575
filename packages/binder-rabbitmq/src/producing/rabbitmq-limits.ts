import { MillraceError } from '@millrace/core/spi';
import type { MessageToPublish } from '../rabbitmq-port';

/** The client encodes a header table into a buffer of this size, whatever larger frames the broker takes (trap 15). */
const TABLE_LIMIT = 64 * 1024;

/** What one message may weigh. */
export interface MessageLimits {
  /** Longest body, as far as it is known. */
  readonly bytes: number;
  /** What that limit is called: an option of ours, or the broker's. */
  readonly source: string;
  readonly frameMax: number;
}

/**
 * Why the broker would not take the message, if it would not: it would end the channel, or the whole connection.
 *
 * @param headerBytes what headers and other properties take, never less than the truth
 */
export function overLimit(
  { exchange, body }: MessageToPublish,
  headerBytes: number,
  limits: MessageLimits,
): MillraceError | undefined {
  if (body.byteLength > limits.bytes)
    return new MillraceError(
      'PAYLOAD_TOO_LARGE',
      `${body.byteLength} bytes for exchange ${exchange} are too large, the limit is ${limits.bytes} (${limits.source}): send less, or raise it`,
    );
  const headerLimit = Math.min(TABLE_LIMIT, limits.frameMax);
  if (headerBytes <= headerLimit) return undefined;
  return new MillraceError(
    'HEADER_INVALID',
    `headers of ${headerBytes} bytes for exchange ${exchange} are too large, the limit is ${headerLimit} (one frame): send less, or move them into the payload`,
  );
}
