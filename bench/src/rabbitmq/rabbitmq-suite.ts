import { brokerKinds, startRabbitmq } from '@millrace/brokers';
import type { BenchBroker } from '../broker/bench-broker';
import { runWorks } from '../broker/run-works';
import type { Task } from '../broker/task';
import type { BrokerWork } from '../broker/work';
import { versionOf, versionsOf } from '../report/versions';
import type { SuiteOptions, SuiteResult } from '../suite';
import { FilledQueues } from './filled-queues';
import { GROUP } from './queues';
import { rabbitmqWorks } from './rabbitmq-works';

const modules = {
  millrace: require.resolve('../broker/millrace'),
  millraceUnchecked: require.resolve('../broker/millrace'),
  raw: require.resolve('./raw'),
  rawAlike: require.resolve('./raw'),
  rawCommon: require.resolve('./raw-common'),
  nest: require.resolve('./nest.mjs'),
  ...(versionOf('@moleculer/channels') !== undefined && { moleculer: require.resolve('./moleculer') }),
};

const packages = ['@millrace/binder-rabbitmq', 'amqplib', '@nestjs/microservices', '@moleculer/channels'];
/** How often the node counts for its management pages: RabbitMQ's own default, not that of our tests. */
const settings = { collect_statistics_interval: '5000' };

/** All figures of RabbitMQ, on a node of its own. */
export async function rabbitmqSuite(options: SuiteOptions): Promise<SuiteResult> {
  await brokerKinds.rabbitmq.install();
  await using rabbitmq = await startRabbitmq({ settings });
  const queues = await FilledQueues.open(rabbitmq.url);
  const { rabbitmq_version: node } = (await rabbitmq.management('GET', '/api/overview')) as {
    rabbitmq_version: string;
  };
  const versions = { RabbitMQ: node, ...versionsOf(packages) };
  const broker: BenchBroker = {
    name: 'rabbitmq',
    address: rabbitmq.url,
    works: rabbitmqWorks,
    versions,
    modules,
    prepare: (task, work) => prepare(queues, task, work),
    feed: (task, work, messages) => feed(queues, task, work, messages),
  };
  try {
    return { figures: await runWorks(broker, options), versions };
  } finally {
    await queues.close();
  }
}

/** Every contender has a queue of its own. */
async function prepare(queues: FilledQueues, task: Task, { kind }: BrokerWork): Promise<Task> {
  if (kind === 'idle' || kind === 'bindings') return task;
  await queues.make(task.destination);
  if (hasOutput(kind)) await queues.make(task.output);
  return { ...task, group: GROUP };
}

/** Each round begins with the messages that it is going to read, and nothing else. */
async function feed(queues: FilledQueues, task: Task, { kind }: BrokerWork, messages: number): Promise<void> {
  if (kind === 'idle' || kind === 'bindings') return;
  await queues.empty(task.destination);
  if (hasOutput(kind)) await queues.empty(task.output);
  if (kind !== 'produce' && kind !== 'latency') await queues.fill(task, messages);
}

function hasOutput(kind: BrokerWork['kind']): boolean {
  return kind === 'process' || kind === 'deadLetter';
}
