import { MillraceError } from '@millrace/core/spi';
import { NO_ROUTE } from '../rabbitmq-errors';
import type { MessageToPublish } from '../rabbitmq-port';

export function closed(binding: string): MillraceError {
  return new MillraceError('APPLICATION_STOPPED', `${binding} is closed; the message is not confirmed`);
}

export function refused({ exchange }: MessageToPublish): MillraceError {
  return new MillraceError(
    'SEND_FAILED',
    `exchange ${exchange}: a queue refuses the message; it is full (overflow: reject-publish) or failed to keep it`,
  );
}

export function unroutable({ exchange, routingKey }: MessageToPublish, reason: string): MillraceError {
  return new MillraceError(
    'SEND_FAILED',
    `exchange ${exchange}: no queue is bound for routing key ${routingKey} (${reason}); start a consumer first, name 'requiredGroups', or set 'unroutable: ignore'`,
    { cause: Object.assign(new Error(reason), { code: NO_ROUTE }) },
  );
}

/** The client refuses to encode it, and has sent nothing. */
export function unencodable(exchange: string, cause: unknown): MillraceError {
  const { message } = cause as Error;
  return new MillraceError('HEADER_INVALID', `exchange ${exchange}: headers or properties cannot be sent: ${message}`, {
    cause,
  });
}

/** @param blocked why the broker takes nothing just now, where it does not */
export function unconfirmedInTime(binding: string, sendTimeout: number, blocked: string | undefined): MillraceError {
  const why = blocked === undefined ? '' : ` (the broker takes no messages: ${blocked})`;
  return new MillraceError(
    'SEND_FAILED',
    `${binding}: not confirmed within sendTimeout, ${sendTimeout} ms${why}; the broker may have it or not`,
  );
}
