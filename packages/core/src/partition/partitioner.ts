import type { ChannelToken } from '../channel/channel';
import { MillraceError } from '../errors/millrace-error';
import type { KeyValue } from './java-hash';
import { springPartition } from './partition';

/** Chooses the partition of a key: the channel's own function, or Spring's rule. `undefined` where the broker chooses. */
export function partitioner(
  channel: ChannelToken<unknown>,
  count: number | undefined,
): ((key: KeyValue) => number) | undefined {
  if (count === undefined) return undefined;
  const own = channel.options.partition;
  if (own === undefined) return (key) => springPartition(key, count);
  return (key) => {
    const partition = own(key, count);
    if (Number.isInteger(partition) && partition >= 0 && partition < count) return partition;
    throw new MillraceError(
      'PAYLOAD_INVALID',
      `the partition function of channel '${channel.name}' gave ${partition}; it must give 0 to ${count - 1}. Nothing was sent`,
    );
  };
}
