import type { ChannelToken, PayloadKind } from '../channel/channel';
import type { MessageHeaders } from '../message/headers';

/**
 * Turns payloads into bytes and back, for one family of content types. Give your own to `Millrace.create({ codecs })`:
 * later ones are stronger than earlier ones, all of them stronger than the built-in ones.
 *
 * `toPlain` and `fromPlain` do what is not about bytes: building and checking the class or schema, upcasting.
 */
export interface Codec {
  /** Media types in lower case, without parameters: `application/yaml`, `text/*`. `application/x` also takes `…+x`. */
  readonly contentTypes: readonly string[];
  /** The kinds of channel it serves. Default: those of classes and schemas. */
  readonly kinds?: readonly PayloadKind[];
  /**
   * Bytes of a payload, at once or as a Promise.
   *
   * @param contentType the one in force, with its parameters
   * @throws anything: the send is rejected, with a MillraceError as it is, with others as the cause of ENCODING_FAILED
   */
  encode(
    payload: unknown,
    channel: ChannelToken<unknown>,
    headers: MessageHeaders,
    contentType: string,
  ): Uint8Array | Promise<Uint8Array>;
  /**
   * The payload, at once or as a Promise. The bytes belong to the broker: copy what you keep.
   *
   * @throws anything: the record goes to the dead letter as it came, without retries
   */
  decode(bytes: Uint8Array, channel: ChannelToken<unknown>, headers: MessageHeaders, contentType: string): unknown;
}
