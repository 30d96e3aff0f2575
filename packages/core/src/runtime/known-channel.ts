import type { ChannelReference, ChannelToken } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import { tokenOfTyped } from '../metadata/class-metadata';

/** The token behind a reference. @throws MillraceError CHANNEL_UNKNOWN */
export function knownChannel<T>(channel: ChannelReference<T>): ChannelToken<T> {
  const token = tokenOfTyped(channel);
  if (token !== undefined) return token;
  const found = typeof channel === 'function' ? `class ${channel.name}` : String(channel);
  throw new MillraceError(
    'CHANNEL_UNKNOWN',
    `${found} names no channel; decorate it with @Channel, or make a token with channel()`,
  );
}
