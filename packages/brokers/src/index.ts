export type { OwnBroker } from './broker';
export { type CertificateOptions, type Certificates, createCertificates, type Identity } from './certificates';
export { main } from './cli';
export { type KafkaClusterOptions, type OwnKafkaCluster, startKafkaCluster } from './kafka/kafka-cluster';
export type { SecureKafka } from './kafka/kafka-security';
export { type KafkaOptions, type OwnKafka, startKafka } from './kafka/kafka-server';
export { type OwnPostgres, type PostgresOptions, startPostgres } from './postgres/postgres-server';
export { type ProxyDirection, startProxy, type TcpProxy } from './proxy/proxy';
export { tellOfConsumersEnd } from './rabbitmq/consumer-end';
export {
  type OwnRabbitmqCluster,
  type RabbitmqClusterOptions,
  startRabbitmqCluster,
} from './rabbitmq/rabbitmq-cluster';
export { type OwnRabbitmq, type RabbitmqOptions, type RabbitmqUser, startRabbitmq } from './rabbitmq/rabbitmq-server';
export { type BrokerName, brokerKinds } from './source/broker-kind';
export { brokerOrSkip, ownBrokerOrSkip, type SharedBroker } from './source/broker-or-skip';
export { type OpenBroker, openBroker } from './source/open-broker';
export { type OwnDestinations, ownDestinations } from './source/own-destinations';
