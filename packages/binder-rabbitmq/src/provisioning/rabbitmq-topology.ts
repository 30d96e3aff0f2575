import { randomBytes } from 'node:crypto';
import { type ConsumerRequest, MillraceError, type OutboundRecord, type ProducerRequest } from '@millrace/core/spi';
import { retryQueue } from '../failed/rabbitmq-retry-queues';
import type { RabbitmqConsumerOptions, RabbitmqOptions, RabbitmqProducerOptions } from '../rabbitmq-options';
import type { ExchangeOptions, Provision } from '../rabbitmq-topology-options';
import { bound, type Declaration, durableExchange, durableQueue } from './rabbitmq-declaration';
import {
  anonymousDeclarations,
  type DeadLetterPlaces,
  deadLetterPlaces,
  type Group,
  type GroupQueue,
  groupDeclarations,
  queuesOf,
} from './rabbitmq-group-queues';
import { queueArguments } from './rabbitmq-queue-arguments';
import { routingKeys } from './rabbitmq-routing-keys';

export interface ProducerTopology {
  readonly declarations: readonly Declaration[];
  /** Where to publish. */
  readonly exchange: string;
  /** @throws MillraceError SEND_FAILED where the record has not what the key is made of, or the key is too long */
  readonly routingKeyOf: (record: OutboundRecord) => string;
}

/** A queue to read. */
export interface ConsumerQueue extends GroupQueue {
  readonly destination: string;
}

export interface ConsumerTopology {
  readonly declarations: readonly Declaration[];
  readonly queues: readonly ConsumerQueue[];
  /** `undefined`: nothing is kept. */
  readonly deadLetters: DeadLetterPlaces | undefined;
  /** Whether messages may be parked in queues: only where their own queue outlives its consumers. */
  readonly canPark: boolean;
  /** Whether a queue has one reader at a time, and the next begins when that one has gone. */
  readonly hasOneReader: boolean;
  /** Whether queues may be made later on, for delays that are not configured. */
  readonly canDeclare: boolean;
}

type BinderWide = Pick<RabbitmqOptions, 'prefix' | 'provision'>;

const LONGEST_DELAY_MS = 2 ** 32 - 1;
/** As many as Spring's names have. */
const ANONYMOUS_BYTES = 16;

/** @throws MillraceError CONFIGURATION_INVALID for options that contradict one another */
export function producerTopology(
  request: Pick<ProducerRequest, 'binding' | 'destination' | 'partitionCount' | 'requiredGroups'>,
  native: RabbitmqProducerOptions,
  options: BinderWide,
): ProducerTopology {
  const { binding, destination, partitionCount, requiredGroups } = request;
  const prefix = native.prefix ?? options.prefix;
  const exchange = native.exchange ?? prefix + destination;
  checkFanout(native, partitionCount, binding);
  const groups = requiredGroups.map(
    (group): Group => ({
      ...{ destination, group, exchange, prefix, native, existing: undefined, isDurable: true },
      partitions: shareOf(partitionCount, undefined),
      deadLetter: { destination: undefined, invalidDestination: undefined },
    }),
  );
  const declarations = [...exchangeDeclarations(exchange, native), ...groups.flatMap(groupDeclarations)];
  return {
    declarations: asProvisioned(declarations, native.provision ?? options.provision),
    exchange,
    routingKeyOf: routingKeys(native.routingKey, destination),
  };
}

/**
 * Names of broadcast queues are new at each call: after a lost connection the former one may still be locked.
 *
 * @throws MillraceError CONFIGURATION_INVALID for options that contradict one another
 */
export function consumerTopology(
  request: Pick<ConsumerRequest, 'binding' | 'destinations' | 'group' | 'deadLetter' | 'delays' | 'instance'>,
  native: RabbitmqConsumerOptions,
  options: BinderWide,
): ConsumerTopology {
  checkFanout(native, native.partitionCount, request.binding);
  checkOneDestination(native, request.destinations, request.binding);
  checkDelays(request.delays, request.binding);
  const groups = request.destinations.map((destination) => groupOf(destination, request, native, options));
  const declarations: Declaration[] = groups.flatMap((group) => [
    ...exchangeDeclarations(group.exchange, native),
    ...(request.group === undefined ? anonymousDeclarations(group) : groupDeclarations(group)),
  ]);
  const queues = groups.flatMap((group) =>
    queuesOf(group).map((each) => ({ ...each, destination: group.destination })),
  );
  const canPark = groups.every(({ isDurable }) => isDurable);
  for (const { queue } of canPark ? queues : [])
    for (const delay of request.delays)
      declarations.push({ kind: 'queue', ...retryQueue(queue, delay, native.queueType === 'quorum') });
  const provision = native.provision ?? options.provision;
  return {
    declarations: asProvisioned(declarations, provision),
    queues,
    // The same for all destinations: each queue has its own key.
    deadLetters: groups[0] && deadLetterPlaces(groups[0]),
    canPark,
    hasOneReader: native.exclusive || queueArguments(native, undefined)['x-single-active-consumer'] === true,
    canDeclare: provision === 'auto',
  };
}

function groupOf(
  destination: string,
  { group, deadLetter, instance }: Pick<ConsumerRequest, 'group' | 'deadLetter' | 'instance'>,
  native: RabbitmqConsumerOptions,
  options: BinderWide,
): Group {
  const prefix = native.prefix ?? options.prefix;
  const isDurable = group !== undefined && native.durableSubscription;
  return {
    destination,
    group: group ?? `anonymous.${randomBytes(ANONYMOUS_BYTES).toString('base64url')}`,
    exchange: native.exchange ?? prefix + destination,
    prefix,
    native,
    partitions: group === undefined ? undefined : shareOf(native.partitionCount, instance),
    existing: group === undefined ? undefined : native.queue,
    isDurable,
    deadLetter: isDurable ? deadLetter : undefined,
  };
}

function exchangeDeclarations(exchange: string, native: ExchangeOptions): Declaration[] {
  // The default exchange is always there, and cannot be asked for.
  if (native.exchange !== undefined) return exchange === '' ? [] : [{ kind: 'existing exchange', name: exchange }];
  const { exchangeType, exchangeDurable, exchangeAutoDelete, exchangeArguments, alternateExchange } = native;
  const alternate = alternateExchange?.exists === false ? alternateExchange : undefined;
  const declared: Declaration = {
    kind: 'exchange',
    name: exchange,
    type: exchangeType,
    durable: exchangeDurable,
    autoDelete: exchangeAutoDelete,
    arguments: { ...(alternate && { 'alternate-exchange': alternate.name }), ...exchangeArguments },
  };
  if (alternate === undefined) return [declared];
  const { name, type, binding } = alternate;
  const keeping = binding && [durableQueue(binding.queue, {}), bound(binding.queue, name, binding.routingKey, {})];
  return [durableExchange(name, type), declared, ...(keeping ?? [])];
}

/**
 * Bindings cannot be asked for, only exchanges and queues. A queue of one connection alone is made in any case: nobody else could.
 */
function asProvisioned(declarations: readonly Declaration[], provision: Provision): Declaration[] {
  // Several destinations may share an exchange, and the partitions of a group one of dead letters.
  const unique = [...new Map(declarations.map((each) => [JSON.stringify(each), each])).values()];
  if (provision === 'auto') return unique;
  return unique.flatMap((each): Declaration[] => {
    if (each.kind === 'queue' ? each.exclusive : isPrivate(each, unique)) return [each];
    if (provision === 'none' || each.kind === 'binding') return [];
    if (each.kind === 'exchange') return [{ kind: 'existing exchange', name: each.name }];
    return [each.kind === 'queue' ? { kind: 'existing queue', name: each.name } : each];
  });
}

function isPrivate(each: Declaration, all: readonly Declaration[]): boolean {
  return (
    each.kind === 'binding' &&
    all.some((other) => other.kind === 'queue' && other.exclusive && other.name === each.queue)
  );
}

function shareOf(
  partitionCount: number | undefined,
  instance: ConsumerRequest['instance'] | undefined,
): number[] | undefined {
  if (partitionCount === undefined) return undefined;
  const all = Array.from({ length: partitionCount }, (_, index) => index);
  return instance === undefined ? all : all.filter((partition) => partition % instance.count === instance.index);
}

function checkFanout({ exchangeType }: ExchangeOptions, partitionCount: number | undefined, binding: string): void {
  if (exchangeType !== 'fanout' || partitionCount === undefined) return;
  throw invalid(binding, "an exchange of type fanout cannot have partitions; use 'exchangeType: topic'");
}

function checkOneDestination(
  { queue, exchange, queueNameGroupOnly }: RabbitmqConsumerOptions,
  destinations: readonly string[],
  binding: string,
): void {
  if (destinations.length === 1) return;
  const named = [queue !== undefined && 'queue', queueNameGroupOnly && 'queueNameGroupOnly'].find(Boolean);
  if (named) throw invalid(binding, `${named} makes one queue, and there are ${destinations.length} destinations`);
  if (exchange !== undefined)
    throw invalid(binding, `exchange names one, and there are ${destinations.length} destinations`);
}

function checkDelays(delays: readonly number[], binding: string): void {
  const long = delays.find((delay) => delay > LONGEST_DELAY_MS);
  if (long !== undefined) throw invalid(binding, `retry.delays: ${long} ms is more than the 49 days a queue can hold`);
}

function invalid(binding: string, problem: string): MillraceError {
  return new MillraceError('CONFIGURATION_INVALID', `${binding}: ${problem}`);
}
