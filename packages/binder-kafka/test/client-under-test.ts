import type { KafkaOptionsInput } from '../src/kafka-options';

const producer = process.env.MILLRACE_KAFKA_PRODUCER as 'kafkajs' | 'platformatic' | undefined;

/** Options for the client that all tests are to use: `MILLRACE_KAFKA_PRODUCER=platformatic`, or the default. */
export const clientUnderTest: Pick<KafkaOptionsInput, 'client'> =
  producer === undefined ? {} : { client: { producer } };
