import { CompressionTypes, type Kafka, type RetryOptions } from 'kafkajs';
import type { Compression } from '../kafka-port';
import type { loginOf, tlsOf } from './kafka-credentials';
import type { KafkaSockets } from './kafka-sockets';

/** What the client needs of the binder's options. */
export interface ClientOptions {
  readonly brokers: string[];
  readonly clientId: string;
  readonly ssl: ReturnType<typeof tlsOf>;
  readonly sasl: ReturnType<typeof loginOf>;
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly retry: { readonly initial: number; readonly max: number; readonly retries: number };
  readonly metadataMaxAge: number;
}

/** Makes a client over these sockets. `retries`: where the options are not to decide. */
export type NewClient = (sockets: KafkaSockets, retries?: number) => Kafka;

export const compressionTypes: Readonly<Record<Compression, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

/** Longest wait for a polite end; then the sockets are destroyed. */
export const CLOSE_LIMIT_MS = 3_000;

/** Always passed in full: kafkajs has other defaults under NODE_ENV=test (trap 17). */
export function retryOf({ retry }: ClientOptions, retries: number): RetryOptions {
  return {
    initialRetryTime: retry.initial,
    maxRetryTime: retry.max,
    retries,
    factor: 0.2,
    multiplier: 2,
    // A consumer that has failed is rebuilt by the binder, which reports it; kafkajs must not do so behind its back (traps 1-3).
    restartOnFailure: async () => false,
  };
}
