import { Kafka, logLevel } from 'kafkajs';

/** How many records each topic holds, asked of the broker past Millrace. A topic that is not there is an error. */
export async function recordCounts(brokers: string, topics: readonly string[]): Promise<number[]> {
  const retry = { retries: 5, initialRetryTime: 100 };
  const admin = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING, retry }).admin();
  await admin.connect();
  try {
    const counts = topics.map(async (topic) => {
      const partitions = await admin.fetchTopicOffsets(topic);
      return partitions.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    });
    return await Promise.all(counts);
  } finally {
    await admin.disconnect();
  }
}
