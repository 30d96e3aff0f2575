import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brokersFolder } from '../folders';

export const kafkaLibraries = join(brokersFolder, 'kafka', 'libs');

/** Why Kafka cannot be started as a process of ours, or undefined. */
export function missingForKafka(): string | undefined {
  if (!existsSync(kafkaLibraries) || readdirSync(kafkaLibraries).length === 0) {
    return 'the jars of Kafka are not there yet: npm run brokers -- install kafka';
  }
  return undefined;
}
