export interface KafkaLayout {
  readonly dataFolder: string;
  readonly ports: KafkaPorts;
  /** Which one of several it is; without, it is alone. */
  readonly member?: KafkaMember | undefined;
}

/** One of several nodes. The first is their controller, all are brokers. */
export interface KafkaMember {
  /** From 1. */
  readonly id: number;
  readonly size: number;
  readonly clusterId: string;
  /** Of the first. */
  readonly controllerPort: number;
}

export interface KafkaPorts {
  /** The plain listener that applications use. */
  readonly client: number;
  /** What the broker tells clients to connect to; another port than `client` when there is a proxy between. */
  readonly advertised: number;
  /** Past the proxy: for the broker itself, and for tests that look at it from the side. */
  readonly direct: number;
  readonly controller: number;
  /** The listener with TLS and SASL, where there is one. */
  readonly secure?: number;
}

/** A node that is quick to start and to hand over partitions; every answer on loopback. */
export function kafkaProperties({ dataFolder, ports, member }: KafkaLayout): Record<string, string> {
  const { id, size, controllerPort } = member ?? { id: 1, size: 1, controllerPort: ports.controller };
  const isController = id === 1;
  const copies = String(size);
  const at = (listener: string, port: number) => `${listener}://127.0.0.1:${port}`;
  const outside = ports.secure === undefined ? [] : [at('SECURE', ports.secure)];
  const inside = [at('DIRECT', ports.direct), ...outside];
  return {
    'process.roles': isController ? 'broker,controller' : 'broker',
    'node.id': String(id),
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'DIRECT',
    listeners: [
      at('CLIENT', ports.client),
      ...(isController ? [at('CONTROLLER', ports.controller)] : []),
      ...inside,
    ].join(),
    'advertised.listeners': [at('CLIENT', ports.advertised), ...inside].join(),
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,DIRECT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
    'log.dirs': dataFolder,

    'auto.create.topics.enable': 'false',
    'num.partitions': '1',
    'default.replication.factor': copies,
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '4',

    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '500',
    'group.max.session.timeout.ms': '1800000',
    // The controller is alone: whoever waits for others waits for nothing.
    'controller.quorum.election.timeout.ms': '100',
    'controller.quorum.election.backoff.max.ms': '100',
    'broker.heartbeat.interval.ms': '200',
    // One of several that is slow for a moment is not to be taken for dead: its copies would be out of step.
    'broker.session.timeout.ms': size === 1 ? '2500' : '6000',
    'initial.broker.registration.timeout.ms': '60000',

    'num.network.threads': '2',
    'num.io.threads': '4',
    'log.cleaner.threads': '1',
    'log.cleaner.dedupe.buffer.size': '2097152',
  };
}

export function propertiesFile(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
