export interface KafkaLayout {
  readonly dataFolder: string;
  readonly ports: KafkaPorts;
  /** 1 is the controller, and a broker; others are brokers that belong to it. */
  readonly nodeId: number;
}

export interface KafkaPorts {
  /** The plain listener that applications use. */
  readonly client: number;
  /** What the broker tells clients to connect to; another port than `client` when there is a proxy between. */
  readonly advertised: number;
  /** Past the proxy: for the broker itself, and for tests that look at it from the side. */
  readonly direct: number;
  /** Of the node that is the controller. */
  readonly controller: number;
  /** The listener with TLS and SASL, where there is one. */
  readonly secure?: number;
}

/** One node, quick to start and to hand over partitions; every answer on loopback. The first is broker and controller. */
export function kafkaProperties({ dataFolder, ports, nodeId }: KafkaLayout): Record<string, string> {
  const at = (listener: string, port: number) => `${listener}://127.0.0.1:${port}`;
  const isController = nodeId === 1;
  const outside = ports.secure === undefined ? [] : [at('SECURE', ports.secure)];
  const inside = [at('DIRECT', ports.direct), ...outside];
  return {
    'process.roles': isController ? 'broker,controller' : 'broker',
    'node.id': String(nodeId),
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
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
    'default.replication.factor': '1',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '4',

    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '500',
    'group.max.session.timeout.ms': '1800000',
    // The node is alone: whoever waits for others waits for nothing.
    'controller.quorum.election.timeout.ms': '100',
    'controller.quorum.election.backoff.max.ms': '100',
    'broker.heartbeat.interval.ms': '200',
    'broker.session.timeout.ms': '2500',
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
