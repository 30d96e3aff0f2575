import { MAX_DURATION_MS, type MessageHeaders } from '@millrace/core/spi';
import type { DeliveredMessage, FieldTable, FieldValue, MessageToPublish, QueueDeclaration } from '../rabbitmq-port';
import { own, rewritten, tableOf } from '../wire/rabbitmq-field-table';
import { carriedFields, deathNames, encodeHeaders, rewrittenProperties } from '../wire/rabbitmq-headers';

/** What a parked message tells of itself; taken off again when it comes back. */
const names = {
  exchange: 'millrace_retryExchange',
  routingKey: 'millrace_retryRoutingKey',
  /** `x-death` and its like as they were before: parking adds some of its own. */
  deaths: 'millrace_retryDeaths',
  /** Only where the delay is longer than a queue can keep a message: then it is parked again. */
  dueAt: 'millrace_retryDueAt',
} as const;
const ownNames: ReadonlySet<string> = new Set(Object.values(names));

const DAY_MS = 86_400_000;
/** Half of what fits into the broker's four bytes: an unused queue lives twice as long as its messages. */
/** More than any delay, though clocks differ. */
const LATEST_MS = 2 * MAX_DURATION_MS;
const LONGEST_LATER_MS = 20 * DAY_MS;
/** Below this a delay that is not configured is not worth a queue. */
const SHORTEST_LATER_MS = 10;
/** How long a queue without use outlives the last message in it. */
const UNUSED_MS = 600_000;
/** Publishing is no use of a queue, declaring is. Far more often than {@link UNUSED_MS}. */
const DECLARE_AGAIN_MS = 60_000;

/** The queue in which messages of a queue wait for a configured delay. */
export function retryQueue(queue: string, delayMs: number, isQuorum: boolean): QueueDeclaration {
  return waitingQueue(`${queue}.retry.${delayMs}`, queue, isQuorum, { 'x-message-ttl': delayMs });
}

/** Where to park a message. */
export interface RetryPlace {
  /** Published to through the default exchange. */
  readonly queue: string;
  /** To be declared before; `undefined` where it is surely there. */
  readonly declare: QueueDeclaration | undefined;
  /** Longest the queue keeps it. */
  readonly delayMs: number;
}

export interface RetryQueueOptions {
  /** Delays whose queues were provisioned. */
  readonly delays: readonly number[];
  /** Whether queues for other delays may be made. */
  readonly canDeclare: boolean;
  readonly isQuorum: boolean;
}

/**
 * Queues in which messages wait until their time has come, and out of which the broker moves them back into the queue they are
 * from. Each holds messages of one delay, so the first to come is the first due and holds nothing up.
 */
export class RabbitmqRetryQueues {
  readonly #options: RetryQueueOptions;
  readonly #declaredAt = new Map<string, number>();

  constructor(options: RetryQueueOptions) {
    this.#options = options;
  }

  /** `undefined`: the delay is not worth a queue, or none may be made. `now`: milliseconds of any clock that goes forward. */
  placeFor(queue: string, delayMs: number, now: number): RetryPlace | undefined {
    const { delays, canDeclare, isQuorum } = this.#options;
    if (delays.includes(delayMs))
      return { queue: retryQueue(queue, delayMs, isQuorum).name, declare: undefined, delayMs };
    if (!canDeclare || delayMs < SHORTEST_LATER_MS) return undefined;
    const rounded = roundedUp(Math.min(delayMs, LONGEST_LATER_MS));
    const later = waitingQueue(`${queue}.later.${rounded}`, queue, isQuorum, {
      'x-message-ttl': rounded,
      'x-expires': 2 * rounded + UNUSED_MS,
    });
    const isFresh = now - (this.#declaredAt.get(later.name) ?? Number.NEGATIVE_INFINITY) < DECLARE_AGAIN_MS;
    return { queue: later.name, declare: isFresh ? undefined : later, delayMs: rounded };
  }

  /** Call it when the broker has confirmed the declaration. */
  declared(place: RetryPlace, now: number): void {
    this.#declaredAt.set(place.queue, now);
  }

  /** Call it when the connection was lost, or a message found no queue: nothing is surely there any more. */
  forget(): void {
    this.#declaredAt.clear();
  }
}

/** The message as it is parked: same body and properties, with the headers core wants on its return. */
export function parkedMessage(
  message: DeliveredMessage,
  headers: MessageHeaders,
  place: { readonly queue: string; readonly dueAt: number | undefined },
): MessageToPublish {
  const { exchange, routingKey, body, properties } = message;
  // Whatever the header mode: these headers are between this binder and itself.
  const encoded = encodeHeaders(headers, 'spring');
  const table = { ...encoded.headers, ...carriedFields(properties.headers) } as Record<string, FieldValue>;
  const deaths: Record<string, FieldValue> = {};
  for (const name of deathNames) {
    const death = own(properties.headers, name);
    delete table[name];
    if (death !== undefined) deaths[name] = rewritten(death);
  }
  table[names.exchange] = exchange;
  table[names.routingKey] = routingKey;
  if (Object.keys(deaths).length > 0) table[names.deaths] = deaths;
  if (place.dueAt !== undefined) table[names.dueAt] = { '!': 'int64', value: place.dueAt };
  const { contentType, messageId, priority } = encoded;
  return {
    exchange: '',
    routingKey: place.queue,
    body,
    properties: {
      ...rewrittenProperties(properties),
      contentType,
      messageId,
      priority: priority === 0 ? properties.priority : priority,
      headers: table,
      deliveryMode: 2,
    },
  };
}

/** A message that has come back from parking, as it was before; `undefined` for all others. */
export function unparked(
  message: DeliveredMessage,
): { readonly message: DeliveredMessage; readonly dueAt: number | undefined } | undefined {
  const { headers } = message.properties;
  const exchange = own(headers, names.exchange);
  const routingKey = own(headers, names.routingKey);
  if (headers === undefined || typeof exchange !== 'string' || typeof routingKey !== 'string') return undefined;
  const former = Object.entries(headers).filter(([name]) => !ownNames.has(name) && !deathNames.has(name));
  const restored = { ...Object.fromEntries(former), ...tableOf(own(headers, names.deaths)) };
  const dueAt = own(headers, names.dueAt);
  return {
    message: { ...message, exchange, routingKey, properties: { ...message.properties, headers: restored } },
    // Strangers may write there too; more than any delay could be is none.
    dueAt: typeof dueAt === 'number' && dueAt <= Date.now() + LATEST_MS ? dueAt : undefined,
  };
}

/** Two digits are kept: never shorter, at most a tenth longer, and no more than ninety queues for each power of ten. */
function roundedUp(delayMs: number): number {
  const step = 10 ** Math.max(0, String(Math.ceil(delayMs)).length - 2);
  return Math.ceil(delayMs / step) * step;
}

function waitingQueue(name: string, home: string, isQuorum: boolean, times: FieldTable): QueueDeclaration {
  return {
    name,
    durable: true,
    exclusive: false,
    autoDelete: false,
    arguments: {
      ...times,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': home,
      // A quorum queue may promise that nothing is lost on the way back.
      ...(isQuorum && {
        'x-queue-type': 'quorum',
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      }),
    },
  };
}
