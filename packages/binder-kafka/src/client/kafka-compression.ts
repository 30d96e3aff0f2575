import { MillraceError } from '@millrace/core/spi';

/** Codecs that are packages of their own: name in the options, package, and the form in which the client wants it. */
const packages = {
  snappy: { name: 'kafkajs-snappy', codecOf: (loaded: Loaded) => defaultOf(loaded) },
  lz4: { name: 'kafkajs-lz4', codecOf: (loaded: Loaded) => new (defaultOf(loaded) as Lz4)().codec },
  zstd: { name: '@kafkajs/zstd', codecOf: (loaded: Loaded) => (defaultOf(loaded) as () => unknown)() },
};

type Loaded = { readonly default?: unknown };
type Lz4 = new () => { readonly codec: unknown };

/** Compressions that need a package. */
export type PackagedCompression = keyof typeof packages;

export const packagedCompressions = Object.keys(packages) as readonly PackagedCompression[];

/** The codec, or `undefined` where its package is not installed (trap 4: without it a fetch crashes the consumer). */
export function loadCodec(compression: PackagedCompression, load: (name: string) => unknown): unknown {
  const { name, codecOf } = packages[compression];
  try {
    return codecOf(load(name) as Loaded);
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

function defaultOf(loaded: Loaded): unknown {
  return loaded.default ?? loaded;
}
