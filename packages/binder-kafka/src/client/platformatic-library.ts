import { optionalPackage } from '@millrace/core/spi';
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

/**
 * The package, loaded when it is asked for: it is optional.
 *
 * @throws MillraceError CONFIGURATION_INVALID naming the package to install
 */
export function loadPlatformatic(binder: string, load: (name: string) => unknown = require): PlatformaticLibrary {
  const need = `binder ${binder}: 'client.producer: platformatic'`;
  return optionalPackage({ need, name: '@platformatic/kafka', version: 1, load }) as PlatformaticLibrary;
}
