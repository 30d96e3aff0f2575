import type { BinderContext } from '@millrace/core/spi';
import type { KafkaOptions } from '../kafka-options';
import type { KafkaPort } from '../kafka-port';
import { kafkajsPort } from './kafka-client';
import { loginOf, tlsOf } from './kafka-credentials';
import type { ClientOptions } from './kafkajs-settings';
import { loadPlatformatic } from './platformatic-library';
import { PlatformaticProducer } from './platformatic-producer';

const DEFAULT_PORT = 9092;

/**
 * The port over the clients that the options choose. What the other producer cannot do goes over kafkajs: numbered requests
 * (idempotent, transactions), and zstd before Node.js 22.15.
 *
 * @throws MillraceError CONFIGURATION_INVALID naming a package to install
 */
export function kafkaPort({ name, options, logger, app }: BinderContext<KafkaOptions>): KafkaPort {
  const settings: ClientOptions = {
    ...options,
    clientId: options.clientId ?? app,
    brokers: options.brokers.map((broker) => (broker.includes(':') ? broker : `${broker}:${DEFAULT_PORT}`)),
    ssl: tlsOf(options.ssl),
    sasl: loginOf(options.sasl),
  };
  const kafkajs = kafkajsPort(settings, logger);
  if (options.client.producer === 'kafkajs') return kafkajs;
  const library = loadPlatformatic(name);
  return {
    ...kafkajs,
    producer: (wanted) =>
      wanted.idempotent || !library.compressionsAlgorithms[wanted.compression].available
        ? kafkajs.producer(wanted)
        : new PlatformaticProducer(library, settings, wanted),
  };
}
