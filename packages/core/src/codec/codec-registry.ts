import { types } from 'node:util';
import type { ChannelToken, PayloadKind } from '../channel/channel';
import { describeError } from '../errors/describe-error';
import { MillraceError } from '../errors/millrace-error';
import { shortened } from '../errors/shortened';
import { headerNames, type MessageHeaders } from '../message/headers';
import type { Codec } from './codec';
import { mediaType, statedContentType } from './content-type';

const MAX_REMEMBERED = 256;
/** Longer spellings are looked at each time: foreign messages have all sorts. */
const LONGEST_SPELLING = 128;

const ownKinds: readonly PayloadKind[] = ['class', 'schema'];

type Codecs = Readonly<Record<PayloadKind, Map<string, Codec>>>;

/** Content type and kind of channel → codec. The pipeline's way to bytes and back. */
export class CodecRegistry {
  readonly #byType = noCodecs();
  /** Content types as they were spelled, so that each spelling is looked at once. */
  readonly #remembered = noCodecs();

  /** Later codecs win over earlier ones of the same content type. @throws MillraceError WIRING_INVALID for a value that is no codec */
  constructor(codecs: readonly Codec[]) {
    for (const codec of codecs) {
      requireCodec(codec);
      for (const kind of codec.kinds ?? ownKinds)
        for (const type of codec.contentTypes) this.#byType[kind].set(mediaType(type), codec);
    }
  }

  /** The content type in force: the message's own, the binding's, the channel's. */
  contentTypeOf(headers: MessageHeaders, ofBinding: string | undefined, channel: ChannelToken<unknown>): string {
    const stated = headers[headerNames.contentType];
    // A spelling that a codec was found by needs no closer look.
    if (typeof stated === 'string' && this.#remembered[channel.kind].has(stated)) return stated;
    return statedContentType(headers) ?? ofBinding ?? channel.contentType;
  }

  /**
   * Bytes of a payload, at once or, where a codec or schema is asynchronous, as a Promise.
   *
   * @throws MillraceError CONTENT_TYPE_UNKNOWN, PAYLOAD_INVALID, ENCODING_FAILED
   */
  encode(
    payload: unknown,
    channel: ChannelToken<unknown>,
    headers: MessageHeaders,
    contentType: string,
  ): Uint8Array | Promise<Uint8Array> {
    const codec = this.codecFor(contentType, channel);
    let bytes: Uint8Array | Promise<Uint8Array>;
    try {
      bytes = codec.encode(payload, channel, headers, contentType);
    } catch (cause) {
      throw unencodable(cause, channel, contentType);
    }
    if (!types.isPromise(bytes)) return checkedBytes(bytes, channel, contentType);
    return bytes.then(
      (settled) => checkedBytes(settled, channel, contentType),
      (cause: unknown) => {
        throw unencodable(cause, channel, contentType);
      },
    );
  }

  /**
   * The payload of a record, at once or, where a codec or schema is asynchronous, as a Promise.
   *
   * @throws MillraceError CONTENT_TYPE_UNKNOWN, PAYLOAD_UNDECODABLE, PAYLOAD_INVALID
   */
  decode(
    bytes: Uint8Array,
    channel: ChannelToken<unknown>,
    headers: MessageHeaders,
    ofBinding: string | undefined,
  ): unknown {
    const contentType = this.contentTypeOf(headers, ofBinding, channel);
    const codec = this.codecFor(contentType, channel);
    let payload: unknown;
    try {
      payload = codec.decode(bytes, channel, headers, contentType);
    } catch (cause) {
      throw undecodable(cause, channel, contentType);
    }
    if (!types.isPromise(payload)) return checkedPayload(payload, channel, contentType);
    return payload.then(
      (settled) => checkedPayload(settled, channel, contentType),
      (cause: unknown) => {
        throw undecodable(cause, channel, contentType);
      },
    );
  }

  /** @throws MillraceError CONTENT_TYPE_UNKNOWN */
  codecFor(contentType: string, channel: ChannelToken<unknown>): Codec {
    const codec = this.find(contentType, channel.kind);
    if (codec !== undefined) return codec;
    const known = this.knownTypes(channel.kind).join(', ');
    throw new MillraceError(
      'CONTENT_TYPE_UNKNOWN',
      `no codec for content type '${shortened(contentType)}' on channel '${channel.name}' (${channel.payloadName}); registered: ${known}`,
    );
  }

  /** The codec, if there is one. */
  find(contentType: string, kind: PayloadKind): Codec | undefined {
    const remembered = this.#remembered[kind];
    const known = remembered.get(contentType);
    if (known !== undefined) return known;
    const codec = this.#search(mediaType(contentType), this.#byType[kind]);
    const isKept = remembered.size < MAX_REMEMBERED && contentType.length <= LONGEST_SPELLING;
    if (codec !== undefined && isKept) remembered.set(contentType, codec);
    return codec;
  }

  knownTypes(kind: PayloadKind): readonly string[] {
    return [...this.#byType[kind].keys()];
  }

  #search(type: string, codecs: ReadonlyMap<string, Codec>): Codec | undefined {
    const suffix = /\+([a-z0-9.-]+)$/.exec(type)?.[1];
    const bySuffix = suffix === undefined ? undefined : codecs.get(`application/${suffix}`);
    return codecs.get(type) ?? bySuffix ?? codecs.get(`${type.split('/')[0]}/*`) ?? codecs.get('*/*');
  }
}

function noCodecs(): Codecs {
  return { class: new Map(), schema: new Map(), text: new Map(), bytes: new Map() };
}

function requireCodec(codec: Codec): void {
  const isCodec =
    typeof codec?.encode === 'function' &&
    typeof codec.decode === 'function' &&
    Array.isArray(codec.contentTypes) &&
    codec.contentTypes.length > 0;
  if (!isCodec)
    throw new MillraceError(
      'WIRING_INVALID',
      'one of the codecs is no codec: it needs contentTypes, encode() and decode()',
    );
  const unknown = codec.kinds?.find((kind) => !['class', 'schema', 'text', 'bytes'].includes(kind));
  if (unknown === undefined) return;
  throw new MillraceError(
    'WIRING_INVALID',
    `the codec of ${codec.contentTypes.join(', ')} names the kind '${unknown}'; there are class, schema, text and bytes`,
  );
}

function checkedBytes(bytes: unknown, channel: ChannelToken<unknown>, contentType: string): Uint8Array {
  if (types.isUint8Array(bytes)) return bytes;
  throw unencodable(
    new TypeError(`encode() gave ${bytes === null ? 'null' : typeof bytes}, not a Uint8Array`),
    channel,
    contentType,
  );
}

function checkedPayload(payload: unknown, channel: ChannelToken<unknown>, contentType: string): unknown {
  if (channel.accepts(payload)) return payload;
  throw undecodable(
    new TypeError(`decode() gave ${payload === null ? 'null' : typeof payload}, not ${channel.payloadName}`),
    channel,
    contentType,
  );
}

function unencodable(cause: unknown, channel: ChannelToken<unknown>, contentType: string): unknown {
  if (MillraceError.is(cause)) return cause;
  const reason = describeError(cause).message;
  return new MillraceError(
    'ENCODING_FAILED',
    `the codec of '${shortened(contentType)}' cannot write ${channel.payloadName} for channel '${channel.name}': ${reason}`,
    { cause },
  );
}

function undecodable(cause: unknown, channel: ChannelToken<unknown>, contentType: string): unknown {
  if (MillraceError.is(cause)) return cause;
  const reason = describeError(cause).message;
  return new MillraceError(
    'PAYLOAD_UNDECODABLE',
    `the codec of '${shortened(contentType)}' cannot read ${channel.payloadName} of channel '${channel.name}': ${reason}`,
    { cause },
  );
}
