/** A connection to a broker inside kafkajs, as far as requests and answers are written and read here instead. */
export interface KafkajsBroker {
  readonly connectionPool: { send(exchange: Exchange): Promise<unknown> };
}

/** A request, and how its answer is read. */
export interface Exchange {
  readonly request: { readonly apiVersion: number; readonly encode: () => Promise<object> };
  readonly response: { readonly decode: (answer: Buffer) => Promise<object> };
}

interface Cluster<Broker> {
  findBroker(node: { readonly nodeId: string }): Promise<Broker>;
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';

/**
 * The client, whose every connection to a broker is what `change` makes of it: kafkajs has no better place to take part in what
 * it writes and reads. Left as it is where it does not keep its cluster in the place where 2.2.4 has it.
 */
export function changeBrokers<Client extends object, Broker extends KafkajsBroker>(
  kafka: Client,
  change: (broker: Broker) => Broker,
): Client {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  if (key === undefined) return kafka;
  const factory = kafka as unknown as Record<symbol, (options: object) => Cluster<Broker>>;
  const create = factory[key] as (options: object) => Cluster<Broker>;
  factory[key] = (options) => changed(create(options), change);
  return kafka;
}

function changed<Broker extends KafkajsBroker>(
  cluster: Cluster<Broker>,
  change: (broker: Broker) => Broker,
): Cluster<Broker> {
  // kafkajs knows a broker again by the object.
  const known = new WeakMap<Broker, Broker>();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    const found = known.get(broker) ?? change(broker);
    known.set(broker, found);
    return found;
  };
  return cluster;
}

/** The broker, whose exchanges are what `change` makes of them. */
export function exchanging<Broker extends KafkajsBroker>(
  broker: Broker,
  change: (exchange: Exchange) => Exchange,
): Broker {
  const { connectionPool } = broker;
  const send = (exchange: Exchange): Promise<unknown> => connectionPool.send(change(exchange));
  const pool = Object.create(connectionPool, { send: { value: send } });
  return Object.create(broker, { connectionPool: { value: pool } });
}
