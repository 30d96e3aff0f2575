import type { ChannelToken } from '../channel/channel';
import type { MessageHeaders } from '../message/headers';
import type { Codec } from './codec';
import { requireUtf8 } from './content-type';
import { readUtf8, writeUtf8 } from './utf8';

/** Text in UTF-8, for channels of text. Bytes nobody described are tried as text too. */
export const textCodec: Codec = Object.freeze({
  contentTypes: ['text/*', 'application/octet-stream'],
  kinds: ['text'] as const,

  encode(payload: unknown, channel: ChannelToken<unknown>, _headers: MessageHeaders, contentType: string): Uint8Array {
    requireUtf8(contentType);
    return writeUtf8(payload as string, `the text for channel '${channel.name}'`);
  },

  decode(bytes: Uint8Array, channel: ChannelToken<unknown>, _headers: MessageHeaders, contentType: string): string {
    requireUtf8(contentType);
    return readUtf8(bytes, `channel '${channel.name}' expects text`);
  },
});
