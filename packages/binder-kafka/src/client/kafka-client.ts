import type { Logger } from '@millrace/core/spi';
import { CompressionCodecs, type CompressionTypes, Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';
import type { Compression, KafkaPort } from '../kafka-port';
import { loadCodec, packagedCompressions } from './kafka-compression';
import { KafkaRoutes } from './kafka-routes';
import { KafkaSockets } from './kafka-sockets';
import { KafkajsAdmin } from './kafkajs-admin';
import { KafkajsConsumer } from './kafkajs-consumer';
import { KafkajsProducer } from './kafkajs-producer';
import { type ClientOptions, compressionTypes, type NewClient, retryOf } from './kafkajs-settings';
import { KafkajsTransactions } from './kafkajs-transactions';

/**
 * The port over kafkajs 2.2.4, which this folder alone knows. Under Node.js 24 it prints a TimeoutNegativeWarning on connecting,
 * which is harmless (trap 18).
 */
export function kafkajsPort(options: ClientOptions, logger: Logger): KafkaPort {
  const compressions = registerCodecs();
  // Each client of its own: kafkajs shares committed offsets by group among the consumers of one instance.
  const client: NewClient = (sockets, retries = options.retry.retries) =>
    new Kafka(configOf(options, logger, sockets, retries));
  return {
    compressions,
    admin: () => new KafkajsAdmin(client),
    routes: () => new KafkaRoutes(),
    producer: (wanted) => new KafkajsProducer(client, options, wanted),
    transactions: (wanted) => new KafkajsTransactions(client, options, wanted),
    consumer: (wanted) => new KafkajsConsumer(client, options, wanted),
  };
}

function configOf(options: ClientOptions, logger: Logger, sockets: KafkaSockets, retries: number): KafkaConfig {
  const { brokers, clientId, ssl, sasl, connectionTimeout, requestTimeout } = options;
  return {
    brokers,
    clientId,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    connectionTimeout,
    authenticationTimeout: requestTimeout,
    requestTimeout,
    retry: retryOf(options, retries),
    socketFactory: sockets.open,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => log(logger, entry),
  };
}

/** Names of parts and the sentence only: other fields of a client's log may hold requests, and those credentials. */
function log(logger: Logger, { namespace, level, log: entry }: LogEntry): void {
  const facts = { client: 'kafkajs', part: namespace, broker: entry.broker, group: entry.groupId, error: entry.error };
  if (level === logLevel.ERROR) logger.warn(facts, entry.message);
  else logger.debug(facts, entry.message);
}

/** Fills the client's map, which is global (trap 4). A codec that somebody has put there stays. */
function registerCodecs(): ReadonlySet<Compression> {
  const known = new Set<Compression>(['none', 'gzip']);
  const codecs = CompressionCodecs as unknown as Record<CompressionTypes, () => unknown>;
  for (const compression of packagedCompressions) {
    const type = compressionTypes[compression];
    const codec = isThere(codecs[type]) ? undefined : loadCodec(compression, require);
    if (codec !== undefined) codecs[type] = () => codec;
    if (isThere(codecs[type])) known.add(compression);
  }
  return known;
}

/** In the place of a codec that is missing there is a function that throws. */
function isThere(codec: () => unknown): boolean {
  try {
    return codec() !== undefined;
  } catch {
    return false;
  }
}
