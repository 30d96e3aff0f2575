import { ChannelToken, type PayloadClass } from '../channel/channel';
import type { ChannelOptions } from '../channel/channel-options';
import { writeChannel } from '../metadata/class-metadata';

/**
 * Makes a class a message class: the class itself is the typed name of its channel.
 *
 * ```ts
 * @Channel('orders', { key: (order: Order) => order.customerId })
 * export class Order { … }
 * ```
 *
 * @param name logical name of the channel; configuration binds it to a destination of the same name unless told otherwise
 */
export function Channel<T extends object = object>(
  name: string,
  options: ChannelOptions<T> = {},
): (target: PayloadClass<T>) => void {
  return (target) => writeChannel(target, new ChannelToken(name, target, options) as unknown as ChannelToken<unknown>);
}
