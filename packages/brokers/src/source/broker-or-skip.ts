import { type BrokerName, brokerKinds } from './broker-kind';

export interface SharedBroker {
  /** Kafka: `host:port`, several with commas. RabbitMQ and PostgreSQL: a URL. Empty where the tests are skipped. */
  readonly address: string;
  /** Why tests of this broker have to be skipped, or undefined. */
  readonly skip: string | undefined;
}

/**
 * The broker that a whole test run shares, started by `npm test`. Without one, tests are skipped and say why; with
 * CI set that is an error. Whoever does harm to a broker starts an own one: `ownBrokerOrSkip`.
 */
export function brokerOrSkip(name: BrokerName): SharedBroker {
  const { label, variable, skipVariable } = brokerKinds[name];
  const address = process.env[variable];
  if (address) return { address, skip: undefined };
  const reason = process.env[skipVariable] || `no ${label} in ${variable}; npm test starts one`;
  return { address: '', skip: skippable(label, reason) };
}

/** Whether `startKafka` or `startRabbitmq` can work here: undefined, or why tests with them have to be skipped. */
export function ownBrokerOrSkip(name: BrokerName): string | undefined {
  const { label, missing } = brokerKinds[name];
  const reason = missing();
  return reason === undefined ? undefined : skippable(label, reason);
}

function skippable(label: string, reason: string): string {
  if (process.env.CI) throw new Error(`CI is set, and there is no ${label}: ${reason}`);
  return reason;
}
