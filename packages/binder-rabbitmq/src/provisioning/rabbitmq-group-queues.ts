import type { DeadLetter, DeadLetterTarget } from '@millrace/core/spi';
import type { FieldTable } from '../rabbitmq-port';
import type { ExchangeOptions, QueueOptions } from '../rabbitmq-topology-options';
import { bound, type Declaration, durableExchange, durableQueue } from './rabbitmq-declaration';
import { queueArguments } from './rabbitmq-queue-arguments';

/** A group of one destination; its consumer makes its queues, and before that a producer which requires it. */
export interface Group {
  readonly destination: string;
  readonly group: string;
  /** The exchange its queues are bound to. */
  readonly exchange: string;
  readonly prefix: string;
  readonly native: ExchangeOptions & QueueOptions;
  /** Partitions with a queue of their own. `undefined`: one queue for everything. */
  readonly partitions: readonly number[] | undefined;
  /** A queue that is there already and is read instead. */
  readonly existing: string | undefined;
  readonly isDurable: boolean;
  /** `undefined`: no dead letters. */
  readonly deadLetter: DeadLetterTarget | undefined;
}

/** Where to publish. */
export interface Address {
  readonly exchange: string;
  readonly routingKey: string;
}

/**
 * Where dead letters of a binding go: to the destination that was configured, which is read like any other; and to the group's
 * own queue of dead letters where none was, or where nobody reads it yet.
 *
 * @param queue the queue the message was delivered from
 */
export type DeadLetterPlaces = (kind: DeadLetter['kind'], queue: string) => readonly [Address, ...Address[]];

export interface GroupQueue {
  readonly queue: string;
  readonly partition: number | undefined;
}

const DEAD_LETTER_EXCHANGE = 'DLX';
const ANYTHING = '#';

/** The queues of a group, by Spring Cloud Stream's names. */
export function queuesOf(group: Group): GroupQueue[] {
  const base = group.existing ?? queueName(group);
  if (group.partitions === undefined) return [{ queue: base, partition: undefined }];
  return group.partitions.map((partition) => ({ queue: `${base}-${partition}`, partition }));
}

/** Queues and bindings of a group, and of its dead letters. */
export function groupDeclarations(group: Group): Declaration[] {
  const { native, isDurable, existing } = group;
  const queues = queuesOf(group).flatMap(({ queue, partition }): Declaration[] => {
    if (existing !== undefined) return [{ kind: 'existing queue', name: queue }];
    const declared: Declaration = {
      kind: 'queue',
      name: queue,
      durable: isDurable,
      exclusive: false,
      autoDelete: !isDurable,
      arguments: queueArguments(native, onwardOf(group, queue)),
    };
    return [declared, ...bindings(group, queue, partition)];
  });
  return [...queues, ...deadLetterDeclarations(group)];
}

/** A queue of one connection alone: gone with it, and nothing is kept. */
export function anonymousDeclarations(group: Group): Declaration[] {
  const { queueType: _, ...native } = group.native;
  const queue: Declaration = {
    kind: 'queue',
    name: queueName(group),
    durable: false,
    exclusive: true,
    autoDelete: true,
    arguments: queueArguments({ ...native, queueType: 'classic' }, undefined),
  };
  return [queue, ...bindings(group, queueName(group), undefined)];
}

export function deadLetterPlaces(group: Group): DeadLetterPlaces | undefined {
  const { deadLetter, prefix } = group;
  if (deadLetter === undefined) return undefined;
  const { destination, invalidDestination = destination } = deadLetter;
  return (kind, queue) => {
    const kept = deadLetterAddress(group, queue);
    const wanted = kind === 'invalid' ? invalidDestination : destination;
    return wanted === undefined ? [kept] : [{ exchange: prefix + wanted, routingKey: wanted }, kept];
  };
}

/** Behind which the group's own queue of dead letters is. */
function deadLetterAddress({ native, prefix }: Group, queue: string): Address {
  return {
    exchange: native.deadLetterExchange ?? prefix + DEAD_LETTER_EXCHANGE,
    routingKey: native.deadLetterRoutingKey ?? queue,
  };
}

function queueName({ native, prefix, destination, group }: Group): string {
  return prefix + (native.queueNameGroupOnly ? group : `${destination}.${group}`);
}

function bindings(group: Group, queue: string, partition: number | undefined): Declaration[] {
  const { exchange, native } = group;
  const args: FieldTable = native.exchangeType === 'headers' ? native.bindingArguments : {};
  return bindingKeys(group, partition).map((key) => bound(queue, exchange, key, args));
}

/** A fanout or headers exchange does not look at keys. */
function bindingKeys({ native, destination }: Group, partition: number | undefined): readonly string[] {
  const { exchangeType, bindingKeys: own } = native;
  if (exchangeType === 'fanout' || exchangeType === 'headers') return [''];
  if (partition !== undefined) return (own ?? [destination]).map((key) => `${key}-${partition}`);
  return own ?? [exchangeType === 'direct' ? destination : ANYTHING];
}

function onwardOf(group: Group, queue: string): Address | undefined {
  return group.deadLetter !== undefined && group.native.brokerDeadLetters ? deadLetterAddress(group, queue) : undefined;
}

/** One queue for all partitions, bound by the name of each of their queues and, as Spring does, by the name without a number. */
function deadLetterDeclarations(group: Group): Declaration[] {
  const { native, deadLetter, existing, prefix } = group;
  if (deadLetter === undefined) return [];
  const { deadLetterExchange, deadLetterRoutingKey, bindingArguments, ...own } = native.deadLetterQueue;
  const args = queueArguments(own, { exchange: deadLetterExchange, routingKey: deadLetterRoutingKey });
  const letters = native.deadLetterQueueName ?? `${queueName(group)}.dlq`;
  const sources = [...queuesOf(group).map(({ queue }) => queue), existing ?? queueName(group)];
  const { exchange } = deadLetterAddress(group, letters);
  const keys = new Set(sources.map((queue) => deadLetterAddress(group, queue).routingKey));
  const destinations = [deadLetter.destination, deadLetter.invalidDestination].filter((name) => name !== undefined);
  return [
    native.declareDeadLetterExchange
      ? durableExchange(exchange, native.deadLetterExchangeType)
      : { kind: 'existing exchange', name: exchange },
    durableQueue(letters, args),
    ...[...keys].map((key) => bound(letters, exchange, key, bindingArguments)),
    ...destinations.map((name) => durableExchange(prefix + name, 'topic')),
  ];
}
