import type { ChannelToken } from '../channel/channel';

/** Turns payloads into bytes and back, for one family of content types. */
export interface Codec {
  /** Media types it answers for, without parameters: `application/json`. A trailing `+json` style suffix is matched too. */
  readonly contentTypes: readonly string[];
  /** @throws MillraceError PAYLOAD_INVALID or ENCODING_FAILED */
  encode(payload: unknown, channel: ChannelToken<unknown>): Uint8Array;
  /** @throws MillraceError PAYLOAD_UNDECODABLE or PAYLOAD_INVALID */
  decode(bytes: Uint8Array, channel: ChannelToken<unknown>): unknown;
}
