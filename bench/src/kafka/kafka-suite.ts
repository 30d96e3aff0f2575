import { brokerKinds, startKafka } from '@millrace/brokers';
import type { BenchBroker } from '../broker/bench-broker';
import { runWorks } from '../broker/run-works';
import type { Task } from '../broker/task';
import type { BrokerWork } from '../broker/work';
import { versionOf, versionsOf } from '../report/versions';
import type { SuiteOptions, SuiteResult } from '../suite';
import { FilledTopics } from './filled-topics';
import { kafkaWorks } from './kafka-works';

const modules = {
  millrace: require.resolve('../broker/millrace'),
  millraceUnchecked: require.resolve('../broker/millrace'),
  ...(versionOf('@platformatic/kafka') !== undefined && {
    millracePlatformatic: require.resolve('../broker/millrace'),
  }),
  raw: require.resolve('./raw'),
  rawAlike: require.resolve('./raw'),
  rawCoalesced: require.resolve('./raw-coalesced'),
  rawCommon: require.resolve('./raw-common'),
  nest: require.resolve('./nest.mjs'),
  ...(versionOf('@moleculer/channels') !== undefined && { moleculer: require.resolve('./moleculer') }),
};

const packages = [
  '@millrace/binder-kafka',
  'kafkajs',
  '@platformatic/kafka',
  '@nestjs/microservices',
  '@moleculer/channels',
];

/** All figures of Kafka, on a broker of its own. */
export async function kafkaSuite(options: SuiteOptions): Promise<SuiteResult> {
  await brokerKinds.kafka.install();
  await using kafka = await startKafka({ javaOptions: [] });
  const [address = ''] = kafka.brokers;
  const topics = await FilledTopics.open(address);
  const versions = versionsOf(packages);
  const broker: BenchBroker = {
    name: 'kafka',
    address,
    works: kafkaWorks,
    versions,
    modules,
    prepare: (task, work, messages) => prepare(topics, task, work, messages),
  };
  try {
    return { figures: await runWorks(broker, options), versions };
  } finally {
    await topics.close();
  }
}

/** Where messages are read, all contenders read the same; where they are written, each has a topic of its own. */
async function prepare(
  topics: FilledTopics,
  task: Task,
  { kind, messages: { full } }: BrokerWork,
  messages: number,
): Promise<Task> {
  switch (kind) {
    case 'produce':
    case 'latency':
      await topics.make({ topic: task.destination, numPartitions: task.partitions });
      return task;
    case 'idle':
    case 'bindings':
      await topics.make(
        ...Array.from({ length: full + 1 }, (_, index) => ({
          topic: `${task.destination}-${index}`,
          numPartitions: 1,
        })),
      );
      return task;
    case 'process':
    case 'deadLetter':
      await topics.make({ topic: task.output, numPartitions: task.partitions });
  }
  return { ...task, destination: await topics.filled(task, messages) };
}
