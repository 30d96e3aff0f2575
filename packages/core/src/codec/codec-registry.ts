import { MillraceError } from '../errors/millrace-error';
import type { Codec } from './codec';

export const DEFAULT_CONTENT_TYPE = 'application/json';

/** Content type → codec. */
export class CodecRegistry {
  readonly #codecs = new Map<string, Codec>();

  /** Later codecs win over earlier ones of the same content type. */
  constructor(codecs: readonly Codec[]) {
    for (const codec of codecs) for (const type of codec.contentTypes) this.#codecs.set(type, codec);
  }

  /** @throws MillraceError CONTENT_TYPE_UNKNOWN */
  codecFor(contentType: string): Codec {
    const codec = this.#codecs.get(contentType) ?? this.#codecs.get(mediaType(contentType)) ?? this.#bySuffix(contentType);
    if (codec !== undefined) return codec;
    const known = [...this.#codecs.keys()].join(', ');
    throw new MillraceError('CONTENT_TYPE_UNKNOWN', `no codec for content type '${contentType}'; registered: ${known}`);
  }

  #bySuffix(contentType: string): Codec | undefined {
    const suffix = /\+([a-z0-9.-]+)$/.exec(mediaType(contentType))?.[1];
    return suffix === undefined ? undefined : this.#codecs.get(`application/${suffix}`);
  }
}

/** `"Application/JSON; charset=utf-8"` → `application/json`; Spring writes the quotes in some versions. */
function mediaType(contentType: string): string {
  return (contentType.replace(/^"|"$/g, '').split(';')[0] ?? '').trim().toLowerCase();
}
