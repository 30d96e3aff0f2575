import type { ChannelToken } from '../channel/channel';

/** Name of a channel's class in the type header: its `type`, or the name of the class. */
export function typeNameOf(channel: ChannelToken<unknown>): string {
  return channel.options.type ?? channel.payloadName;
}
