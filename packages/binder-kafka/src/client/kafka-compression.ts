import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { MillraceError } from '@millrace/core/spi';
import type { Compression } from '../kafka-port';
import { readSnappyFrame, writeSnappyFrame } from './snappy-frame';

/** The form in which the client wants a codec. */
export interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

/** Compressions that need a package. */
export type PackagedCompression = Exclude<Compression, 'none' | 'gzip'>;

type Squeeze = (bytes: Buffer) => Promise<Buffer>;
type Snappy = { readonly compress: Squeeze; readonly uncompress: Squeeze };
type Lz4 = { readonly compressFrame: Squeeze; readonly decompressFrame: Squeeze };
type Zstd = { readonly compress: Squeeze; readonly decompress: Squeeze };

/** Packages that come with their binaries, and how their functions make a codec of Kafka's. */
const packages: Readonly<
  Record<PackagedCompression, { readonly name: string; readonly codecOf: (loaded: never) => Codec }>
> = {
  snappy: {
    name: 'snappy',
    codecOf: ({ compress, uncompress }: Snappy) => ({
      compress: ({ buffer }) => writeSnappyFrame(buffer, compress),
      decompress: (bytes) => readSnappyFrame(bytes, uncompress),
    }),
  },
  lz4: {
    name: 'lz4-napi',
    codecOf: ({ compressFrame, decompressFrame }: Lz4) => ({
      compress: ({ buffer }) => compressFrame(buffer),
      decompress: (bytes) => decompressFrame(bytes),
    }),
  },
  zstd: {
    name: '@mongodb-js/zstd',
    codecOf: ({ compress, decompress }: Zstd) => ({
      compress: ({ buffer }) => compress(buffer),
      decompress: (bytes) => decompress(bytes),
    }),
  },
};

export const packagedCompressions = Object.keys(packages) as readonly PackagedCompression[];

/** The codec, or `undefined` where its package is not installed (trap 4: without it a fetch crashes the consumer). */
export function loadCodec(compression: PackagedCompression, load: (name: string) => unknown): Codec | undefined {
  const { name, codecOf } = packages[compression];
  const own = compression === 'zstd' ? builtInZstd() : undefined;
  if (own !== undefined) return own;
  try {
    return codecOf(load(name) as never);
  } catch {
    return undefined;
  }
}

/** @throws MillraceError CONFIGURATION_INVALID naming the package to install */
export function codecMissing(compression: PackagedCompression, binding: string): MillraceError {
  const { name } = packages[compression];
  return new MillraceError(
    'CONFIGURATION_INVALID',
    `${binding}: compression ${compression} needs the package ${name}, which is not installed: npm install ${name}`,
  );
}

/** The package that a client's error asks for, if it is one about a codec. */
export function packageFor(message: string): string | undefined {
  const wanted = /^(Snappy|LZ4|ZSTD) compression not implemented/.exec(message)?.[1]?.toLowerCase();
  return wanted === undefined ? undefined : packages[wanted as PackagedCompression].name;
}

/** Node.js has it from 22.15 on. */
function builtInZstd(): Codec | undefined {
  const { zstdCompress, zstdDecompress } = zlib as unknown as Partial<Record<string, ZlibCall>>;
  if (zstdCompress === undefined || zstdDecompress === undefined) return undefined;
  const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];
  return { compress: ({ buffer }) => compress(buffer), decompress };
}

type ZlibCall = (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void;
