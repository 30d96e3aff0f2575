import type { MessageProperties } from '../src/rabbitmq-port';

/** As Millrace writes them. */
export const usualProperties: MessageProperties = Object.freeze({
  contentType: 'application/json',
  messageId: 'a81bc81b-dead-4e5d-abff-90865d1e13b1',
  headers: { millrace_key: 'ü', timestamp_in_ms: 1_790_000_000_123 },
  deliveryMode: 2,
  priority: 0,
  timestamp: 1_790_000_000,
});
