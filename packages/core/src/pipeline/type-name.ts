import type { ChannelToken } from '../channel/channel';

/** Name of a channel's class in the type header: its `type`, or the name of the class. */
export function typeNameOf(channel: ChannelToken<unknown>): string {
  return channel.options.type ?? channel.payloadName;
}

/** The type header of what is sent: none where the channel's name stands for one class alone, and no `type` was chosen. */
export function typeHeaderOf(channel: ChannelToken<unknown>, types: ReadonlySet<string>): string | undefined {
  return types.size > 1 || channel.options.type !== undefined ? typeNameOf(channel) : undefined;
}
