import { bytesCodec } from './bytes-codec';
import type { Codec } from './codec';
import { jsonCodec } from './json-codec';
import { textCodec } from './text-codec';

/** What every application has; its own codecs come after them and are stronger. */
export const builtInCodecs: readonly Codec[] = Object.freeze([jsonCodec, textCodec, bytesCodec]);
