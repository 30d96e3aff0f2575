import type { FieldTable, FieldValue } from '../rabbitmq-port';
import type { ArgumentOptions } from '../rabbitmq-topology-options';

/** Where a queue sends what expires, overflows or is rejected. */
export interface Onward {
  readonly exchange: string | undefined;
  readonly routingKey: string | undefined;
}

/** Arguments exactly as Spring Cloud Stream declares them: a queue of another service with others could not be shared. */
export function queueArguments(options: ArgumentOptions, onward: Onward | undefined): FieldTable {
  const { queueType, lazy, singleActiveConsumer, queueArguments: further } = options;
  const isQuorum = queueType === 'quorum';
  const all: Record<string, FieldValue | undefined> = {
    'x-dead-letter-exchange': onward?.exchange,
    'x-dead-letter-routing-key': onward?.routingKey,
    'x-expires': options.expires,
    'x-max-length': options.maxLength,
    'x-max-length-bytes': options.maxLengthBytes,
    'x-max-priority': options.maxPriority,
    'x-message-ttl': options.ttl,
    'x-queue-mode': lazy ? 'lazy' : undefined,
    'x-overflow': options.overflow,
    'x-queue-type': isQuorum ? 'quorum' : undefined,
    'x-delivery-limit': isQuorum ? options.deliveryLimit : undefined,
    'x-quorum-initial-group-size': isQuorum ? options.initialGroupSize : undefined,
    'x-single-active-consumer': singleActiveConsumer ? true : undefined,
    ...further,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
