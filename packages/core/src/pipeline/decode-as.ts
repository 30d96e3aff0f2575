import type { InboundRecord } from '../binder/record';
import type { ChannelToken } from '../channel/channel';
import type { CodecRegistry } from '../codec/codec-registry';
import type { Message } from '../message/message';
import { Decoder } from './decoder';
import { Routes } from './routes';

/** Record → message of a channel that has no sink here: dead letters, records that a test looks at. */
export async function decodeAs<T>(
  channel: ChannelToken<T>,
  record: InboundRecord,
  contentType: string | undefined,
  codecs: CodecRegistry,
): Promise<Message<T>> {
  const { name } = channel;
  const route = { owner: name, channel: channel as unknown as ChannelToken<unknown>, handle: () => undefined };
  const routes = new Routes(name, [route]);
  const maxBytes = Number.POSITIVE_INFINITY;
  const maxHeaders = Number.POSITIVE_INFINITY;
  const decoder = new Decoder({
    binding: name,
    channel: name,
    group: undefined,
    contentType,
    maxBytes,
    maxHeaders,
    routes,
    codecs,
  });
  const { message } = await decoder.decode(record, record.deliveries);
  return message as Message<T>;
}
