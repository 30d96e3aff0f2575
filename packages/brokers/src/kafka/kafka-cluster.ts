import { newInstanceFolder } from '../folders';
import { freePorts } from '../free-port';
import { newClusterId } from './kafka-cluster-id';
import { type KafkaOptions, type KafkaServer, type OwnKafka, startKafkaAt } from './kafka-server';

export interface KafkaClusterOptions extends KafkaOptions {
  /** How many brokers; 3 unless told. */
  readonly size?: number;
}

/** Several brokers that belong to a test. The first is also their controller: while it is away, no leader can move. */
export interface OwnKafkaCluster extends AsyncDisposable {
  /** Their node ids are 1, 2, 3 and so on. */
  readonly nodes: readonly OwnKafka[];
  /** `host:port` of all. */
  readonly brokers: string[];
  /** Ends all at once and removes their files. */
  stop(): Promise<void>;
}

/** Starts several Kafka brokers that keep copies for each other, and waits until all answer. */
export async function startKafkaCluster({ size = 3, ...options }: KafkaClusterOptions = {}): Promise<OwnKafkaCluster> {
  const clusterId = newClusterId();
  const ports = await freePorts(3 * size);
  const controllerPort = ports[2] ?? 0;
  const starting = Array.from({ length: size }, (_, index) => {
    const [client = 0, direct = 0, controller = 0] = ports.slice(3 * index);
    return startKafkaAt(
      {
        folder: newInstanceFolder('kafka'),
        ports: { client, direct, controller },
        outlivesParent: false,
        member: { id: index + 1, size, clusterId, controllerPort },
      },
      options,
    );
  });
  const started = await Promise.allSettled(starting);
  const nodes = started.flatMap((each): KafkaServer[] => (each.status === 'fulfilled' ? [each.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const failure = started.find((each) => each.status === 'rejected');
  if (failure !== undefined) {
    await stop();
    throw failure.reason;
  }
  return { nodes, brokers: nodes.flatMap(({ brokers }) => brokers), stop, [Symbol.asyncDispose]: stop };
}
