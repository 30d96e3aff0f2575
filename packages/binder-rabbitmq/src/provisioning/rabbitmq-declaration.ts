import type { ExchangeDeclaration, FieldTable, QueueBinding, QueueDeclaration } from '../rabbitmq-port';

/** One step of provisioning. Steps are carried out in their order, and each may be repeated. */
export type Declaration =
  | ({ readonly kind: 'exchange' } & ExchangeDeclaration)
  | ({ readonly kind: 'queue' } & QueueDeclaration)
  | ({ readonly kind: 'binding' } & QueueBinding)
  /** Something that has to be there already. */
  | { readonly kind: 'existing exchange' | 'existing queue'; readonly name: string };

export function durableQueue(name: string, args: FieldTable): Declaration {
  return { kind: 'queue', name, durable: true, exclusive: false, autoDelete: false, arguments: args };
}

export function durableExchange(name: string, type: string): Declaration {
  return { kind: 'exchange', name, type, durable: true, autoDelete: false, arguments: {} };
}

export function bound(queue: string, exchange: string, routingKey: string, args: FieldTable): Declaration {
  return { kind: 'binding', queue, exchange, routingKey, arguments: args };
}
