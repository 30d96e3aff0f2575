import type { Codec } from './codec';

/** Bytes as they are, whatever the content type says of them. Copied, so that nobody changes what is in flight or comes again. */
export const bytesCodec: Codec = Object.freeze({
  contentTypes: ['*/*'],
  kinds: ['bytes'] as const,
  encode: (payload: unknown): Uint8Array => Uint8Array.from(payload as Uint8Array),
  decode: (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes),
});
