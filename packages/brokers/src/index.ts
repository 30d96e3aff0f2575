export type { OwnBroker } from './broker';
export { type KafkaOptions, type OwnKafka, startKafka } from './kafka/kafka-server';
