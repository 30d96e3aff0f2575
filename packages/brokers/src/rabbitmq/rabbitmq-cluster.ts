import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newInstanceFolder } from '../folders';
import { freePorts } from '../free-port';
import { OwnedProcess } from '../owned-process';
import { type RabbitmqPorts, rabbitmqNodeName } from './rabbitmq-config';
import { type OwnRabbitmq, type RabbitmqOptions, type RabbitmqServer, startRabbitmqAt } from './rabbitmq-server';

export interface RabbitmqClusterOptions extends RabbitmqOptions {
  /** How many nodes; 3 unless told. */
  readonly size?: number;
}

/** Several nodes that belong to a test. Each can be killed and restarted for itself; the others stay a cluster. */
export interface OwnRabbitmqCluster extends AsyncDisposable {
  readonly nodes: readonly OwnRabbitmq[];
  /** `amqp://guest:guest@127.0.0.1:port` of all. */
  readonly urls: string[];
  /** Ends all at once and removes their files. */
  stop(): Promise<void>;
}

/** Starts several RabbitMQ nodes as a cluster, and waits until all have joined it. */
export async function startRabbitmqCluster({
  size = 3,
  ...options
}: RabbitmqClusterOptions = {}): Promise<OwnRabbitmqCluster> {
  const [names = 0, ...free] = await freePorts(1 + 4 * size);
  const ports = Array.from({ length: size }, (_, index): RabbitmqPorts => {
    const [amqp = 0, amqps = 0, management = 0, distribution = 0] = free.slice(4 * index);
    return { amqp, amqps, management, distribution, names };
  });
  const settings = { ...membersByName(ports), ...options.settings };
  const table = await startTableOfNames(names);
  const nodes: RabbitmqServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    await table.stop();
  };
  try {
    // One after the other: who comes first is the cluster that the others find.
    for (const each of ports) {
      const place = { folder: newInstanceFolder('rabbitmq'), ports: each, outlivesParent: false, isMember: true };
      nodes.push(await startRabbitmqAt(place, { ...options, settings }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, urls: nodes.map(({ url }) => url), stop, [Symbol.asyncDispose]: stop };
}

function membersByName(ports: readonly RabbitmqPorts[]): Record<string, string> {
  return {
    'cluster_formation.peer_discovery_backend': 'classic_config',
    ...Object.fromEntries(
      ports.map((each, index) => [`cluster_formation.classic_config.nodes.${index + 1}`, rabbitmqNodeName(each)]),
    ),
    // The first is alone when it looks for the others.
    'cluster_formation.discovery_retry_limit': '1',
    // Who comes back waits for its peers; they are there, or come within a test's patience.
    mnesia_table_loading_retry_timeout: '10000',
  };
}

/** Erlang's table of node names, for all: it must not go with one of the nodes. */
async function startTableOfNames(port: number): Promise<{ stop(): Promise<void> }> {
  const folder = newInstanceFolder('rabbitmq');
  const table = await OwnedProcess.start({
    command: ['epmd', '-address', '127.0.0.1', '-port', String(port)],
    folder,
    logFile: join(folder, 'epmd.log'),
  });
  return {
    stop: async () => {
      await table.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
