import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import type { Letter } from '../judge/letter';
import { groups } from './site';

const READ_LIMIT_MS = 60_000;

/** Reads the dead-letter topics of these groups from the first record to the last, as a stranger would. */
export async function kafkaLetters(brokers: readonly string[], names: readonly string[]): Promise<Letter[]> {
  const kafka = new Kafka({ brokers: [...brokers], clientId: 'reader', logLevel: logLevel.NOTHING });
  const letters: Letter[] = [];
  for (const group of names) {
    await readAll(kafka, `error.${groups[group]}.${group}`, (message) => letters.push(letterOf(group, message)));
  }
  return letters;
}

function letterOf(group: string, { value, headers = {} }: KafkaMessage): Letter {
  const text = (name: string): string | undefined => headers[name]?.toString();
  return {
    group,
    body: value,
    errorName: text('x-exception-fqcn'),
    errorMessage: text('x-exception-message'),
  };
}

async function readAll(kafka: Kafka, topic: string, each: (message: KafkaMessage) => void): Promise<void> {
  const missing = await ends(kafka, topic);
  if (missing.size === 0) return;
  const consumer = kafka.consumer({ groupId: `reader.${topic}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${topic} cannot be read to its end`)), READ_LIMIT_MS);
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            for (const message of batch.messages) each(message);
            if (BigInt(batch.lastOffset()) + 1n >= (missing.get(batch.partition) ?? 0n))
              missing.delete(batch.partition);
            if (missing.size > 0) return;
            clearTimeout(timer);
            resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

/** Where each partition ends that holds anything. */
async function ends(kafka: Kafka, topic: string): Promise<Map<number, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    if (!(await admin.listTopics()).includes(topic)) return new Map();
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(
      offsets.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}
