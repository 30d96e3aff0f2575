export type { OwnBroker } from './broker';
export { type CertificateOptions, type Certificates, createCertificates, type Identity } from './certificates';
export type { SecureKafka } from './kafka/kafka-security';
export { type KafkaOptions, type OwnKafka, startKafka } from './kafka/kafka-server';
export { type Proxy, type ProxyDirection, startProxy } from './proxy/proxy';
