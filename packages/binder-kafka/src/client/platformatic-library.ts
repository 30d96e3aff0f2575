import { MillraceError } from '@millrace/core/spi';
import type * as Platformatic from '@platformatic/kafka' with { 'resolution-mode': 'import' };

/** What the package exports. */
export type PlatformaticLibrary = typeof Platformatic;
/** A socket to a broker, logged in, with its requests. */
export type BrokerConnection = Platformatic.Connection;
export type BrokerAddress = Platformatic.Broker;
export type LoginOptions = Platformatic.SASLOptions;
export type Metadata = Platformatic.metadataV12.MetadataResponse;
export type ProduceAnswer = Platformatic.produceV9.ProduceResponse;
export type RequestWriter = Platformatic.Writer;

const NAME = '@platformatic/kafka';

/**
 * The package, loaded when it is asked for: it is optional. It is an ES module, which Node.js loads by `require` from 20.19 on.
 *
 * @throws MillraceError CONFIGURATION_INVALID naming the package to install
 */
export function loadPlatformatic(binder: string, load: (name: string) => unknown = require): PlatformaticLibrary {
  try {
    return load(NAME) as PlatformaticLibrary;
  } catch (cause) {
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    const isMissing = code === 'MODULE_NOT_FOUND' && String(message).includes(NAME);
    const reason = isMissing ? 'is not installed' : `cannot be loaded (${message})`;
    throw new MillraceError(
      'CONFIGURATION_INVALID',
      `binder ${binder}: 'client.producer: platformatic' needs the package ${NAME}, which ${reason}: npm install ${NAME}@1`,
      { cause },
    );
  }
}
