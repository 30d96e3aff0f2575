export type { RabbitmqPort } from './rabbitmq-port';
