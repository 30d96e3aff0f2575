import { setTimeout as pause } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { Actions } from './fault';

const OFFSETS = '__consumer_offsets';
const GROWTH = 2;
const POLL_MS = 50;
const LIMIT_MS = 15_000;
/** How old the members' knowledge of a topic may grow (`metadataMaxAge`), and what they need to share it out anew. */
const NOTICED_MS = 5_000 + 3_000;

/** What an operator of a Kafka cluster does to it while it is in use. */
export function kafkaFaults(brokers: readonly string[], topics: readonly string[]): Actions {
  return {
    'leaders moved': () => asAdmin(brokers, async (admin) => move(admin, topics)),
    'coordinator moved': () => asAdmin(brokers, async (admin) => move(admin, [OFFSETS])),
    // It is in the members that it does something, and they hear of it in their time.
    'partitions grown': async () => {
      await asAdmin(brokers, async (admin) => grow(admin, topics[0] ?? ''));
      await pause(NOTICED_MS);
    },
  };
}

async function asAdmin(brokers: readonly string[], work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], clientId: 'operator', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Every partition goes to the next node. Resolves when the new leaders are in office. */
async function move(admin: Admin, topics: readonly string[]): Promise<void> {
  const nodes = (await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b);
  const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
  const wanted = metadata.topics.map(({ name, partitions }) => ({
    topic: name,
    partitionAssignment: partitions.map(({ partitionId, leader }) => ({
      partition: partitionId,
      replicas: [nodes[(nodes.indexOf(leader) + 1) % nodes.length] as number],
    })),
  }));
  await admin.alterPartitionReassignments({ topics: wanted });
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
    const isDone = wanted.every(({ topic, partitionAssignment }) => {
      const partitions = found.find(({ name }) => name === topic)?.partitions ?? [];
      return partitionAssignment.every(({ partition, replicas }) =>
        partitions.some(({ partitionId, leader }) => partitionId === partition && leader === replicas[0]),
      );
    });
    if (isDone) return;
    if (Date.now() > deadline) throw new Error(`the leaders of ${topics.join(', ')} have not moved`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function grow(admin: Admin, topic: string): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const count = (topics[0]?.partitions.length ?? 0) + GROWTH;
  await admin.createPartitions({ topicPartitions: [{ topic, count }] });
}
