import type { Logger } from '@millrace/core/spi';
import type { KafkaOptions } from '../kafka-options';
import type { KafkaPort } from '../kafka-port';
import { kafkajsPort } from './kafka-client';
import type { ClientOptions } from './kafkajs-settings';
import { loadPlatformatic } from './platformatic-library';
import { PlatformaticProducer } from './platformatic-producer';

/**
 * The port over the clients that the options choose. What the other producer cannot do goes over kafkajs: numbered requests
 * (idempotent, transactions), and zstd before Node.js 22.15.
 *
 * @throws MillraceError CONFIGURATION_INVALID naming a package to install
 */
export function kafkaPort(
  binder: string,
  { producer }: KafkaOptions['client'],
  options: ClientOptions,
  logger: Logger,
): KafkaPort {
  const kafkajs = kafkajsPort(options, logger);
  if (producer === 'kafkajs') return kafkajs;
  const library = loadPlatformatic(binder);
  return {
    ...kafkajs,
    producer: (wanted) =>
      wanted.idempotent || !library.compressionsAlgorithms[wanted.compression].available
        ? kafkajs.producer(wanted)
        : new PlatformaticProducer(library, options, wanted),
  };
}
