export type { OwnBroker } from './broker';
export { type CertificateOptions, type Certificates, createCertificates, type Identity } from './certificates';
export type { SecureKafka } from './kafka/kafka-security';
export { type KafkaOptions, type OwnKafka, startKafka } from './kafka/kafka-server';
export { type ProxyDirection, startProxy, type TcpProxy } from './proxy/proxy';
export { type OwnRabbitmq, type RabbitmqOptions, type RabbitmqUser, startRabbitmq } from './rabbitmq/rabbitmq-server';
