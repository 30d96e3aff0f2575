import { type KafkaServer, startKafkaAt } from '../kafka/kafka-server';
import { installKafka, missingForKafka } from '../kafka/kafka-toolchain';
import { type PostgresServer, startPostgresAt } from '../postgres/postgres-server';
import { installPostgres, missingForPostgres } from '../postgres/postgres-toolchain';
import { type RabbitmqServer, startRabbitmqAt } from '../rabbitmq/rabbitmq-server';
import { installRabbitmq, missingForRabbitmq } from '../rabbitmq/rabbitmq-toolchain';

/** PostgreSQL is no broker, but what tests and developers need of it is the same. */
export type BrokerName = 'kafka' | 'rabbitmq' | 'postgres';

/** What is known about a broker of each kind before it runs. */
export interface BrokerKind {
  readonly label: string;
  /** Its address is in this variable, for those who start a test or a sample by hand and for those whom we start. */
  readonly variable: string;
  /** If this one is set, there is no such broker, and it says why. */
  readonly skipVariable: string;
  /** What an application of Millrace has to hear of it to use it for every channel: settings of core, as environment variables. None for PostgreSQL. */
  settings(address: string): Readonly<Record<string, string>>;
  /** The address of the container in docker-compose.yml, and of a broker that `up` has started. */
  readonly usualAddress: string;
  /** Why it cannot run as a process of ours, or undefined. */
  missing(): string | undefined;
  /** Gets what is missing, or rejects with the command that does. */
  install(): Promise<void>;
  start(
    folder: string,
    ports: readonly number[],
    outlivesParent: boolean,
  ): Promise<KafkaServer | RabbitmqServer | PostgresServer>;
}

/** Odd ports: whoever has a broker of their own on the usual ones keeps it. */
export const usualPorts: Readonly<Record<BrokerName, readonly number[]>> = {
  kafka: [19_492, 19_493, 19_494],
  rabbitmq: [19_572, 19_571, 19_672, 19_573, 19_574],
  postgres: [19_432],
};

export const brokerKinds: Readonly<Record<BrokerName, BrokerKind>> = {
  kafka: {
    label: 'Kafka',
    variable: 'MILLRACE_KAFKA_BROKERS',
    skipVariable: 'MILLRACE_KAFKA_SKIP',
    settings: (address) => ({
      MILLRACE__DEFAULTBINDER: 'kafka',
      MILLRACE__BINDERS__KAFKA__TYPE: 'kafka',
      MILLRACE__BINDERS__KAFKA__BROKERS: address,
    }),
    usualAddress: '127.0.0.1:19492',
    missing: missingForKafka,
    install: installKafka,
    start: (folder, [client = 0, direct = 0, controller = 0], outlivesParent) =>
      startKafkaAt({ folder, ports: { client, direct, controller }, outlivesParent }),
  },
  rabbitmq: {
    label: 'RabbitMQ',
    variable: 'MILLRACE_RABBITMQ_URL',
    skipVariable: 'MILLRACE_RABBITMQ_SKIP',
    settings: (address) => ({
      MILLRACE__DEFAULTBINDER: 'rabbit',
      MILLRACE__BINDERS__RABBIT__TYPE: 'rabbitmq',
      MILLRACE__BINDERS__RABBIT__URL: address,
    }),
    usualAddress: 'amqp://guest:guest@127.0.0.1:19572',
    missing: missingForRabbitmq,
    install: installRabbitmq,
    start: (folder, [amqp = 0, amqps = 0, management = 0, distribution = 0, names = 0], outlivesParent) =>
      startRabbitmqAt({ folder, ports: { amqp, amqps, management, distribution, names }, outlivesParent }),
  },
  postgres: {
    label: 'PostgreSQL',
    variable: 'MILLRACE_POSTGRES_URL',
    skipVariable: 'MILLRACE_POSTGRES_SKIP',
    settings: () => ({}),
    usualAddress: 'postgres://postgres@127.0.0.1:19432/postgres',
    missing: missingForPostgres,
    install: installPostgres,
    start: (folder, [port = 0], outlivesParent) => startPostgresAt({ folder, port, outlivesParent }),
  },
};

export function isBrokerName(name: string): name is BrokerName {
  return Object.hasOwn(brokerKinds, name);
}
