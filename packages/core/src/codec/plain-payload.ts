import { types } from 'node:util';
import type { ChannelToken } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import type { MessageHeaders } from '../message/headers';
import { classToPlain, plainToClass } from './class-payload';
import { checkBySchema } from './schema-payload';
import { upcast } from './upcast';

/**
 * Payload → plain objects, lists and scalars, checked by the rules of the class or by the schema. For codecs of other
 * notations than JSON. A Promise where the schema is asynchronous.
 *
 * @throws MillraceError PAYLOAD_INVALID, ENCODING_FAILED
 */
export function toPlain(payload: unknown, channel: ChannelToken<unknown>): unknown {
  if (channel.kind === 'class') return classToPlain(payload, channel);
  if (channel.kind !== 'schema') return payload;
  const plain: unknown = JSON.parse(toJson(payload, channel));
  const checked = checkBySchema(plain, channel, 'was refused, and not sent,');
  return types.isPromise(checked) ? checked.then(() => plain) : plain;
}

/**
 * Plain objects, lists and scalars → payload: lifted to the current version, then built and checked. For codecs of other
 * notations than JSON. A Promise where the schema is asynchronous.
 *
 * @throws MillraceError PAYLOAD_INVALID
 */
export function fromPlain(plain: unknown, channel: ChannelToken<unknown>, headers: MessageHeaders): unknown {
  if (channel.kind === 'text' || channel.kind === 'bytes') return plain;
  const current = upcast(plain, channel, headers);
  return channel.kind === 'class' ? plainToClass(current, channel) : checkBySchema(current, channel, 'was refused');
}

/** @throws MillraceError ENCODING_FAILED: a bigint, a circle, nothing at all */
export function toJson(plain: unknown, channel: ChannelToken<unknown>): string {
  let cause: unknown;
  try {
    const text: string | undefined = JSON.stringify(plain);
    if (text !== undefined) return text;
    cause = new TypeError(`JSON has no form for ${typeof plain}`);
  } catch (thrown) {
    cause = thrown;
  }
  throw new MillraceError(
    'ENCODING_FAILED',
    `${channel.payloadName} for channel '${channel.name}' cannot be written as JSON`,
    { cause },
  );
}
