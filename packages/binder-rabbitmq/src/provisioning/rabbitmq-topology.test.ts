import type { ConsumerRequest, ProducerRequest } from '@millrace/core/spi';
import { springTopology } from '../../test/fixture';
import { parseConsumerOptions, parseProducerOptions } from '../rabbitmq-options';
import type { Declaration } from './rabbitmq-declaration';
import { consumerTopology, producerTopology } from './rabbitmq-topology';

const nothing = { prefix: '', provision: 'auto' } as const;
const on = { destination: undefined, invalidDestination: undefined };

function producer(destination: string, native: object = {}, changes: Partial<ProducerRequest> = {}, options = nothing) {
  const request = { binding: 'orders', destination, partitionCount: undefined, requiredGroups: [], ...changes };
  return producerTopology(request, parseProducerOptions(native, 'orders'), options);
}

function consumer(
  destination: string | string[],
  native: object = {},
  changes: Partial<ConsumerRequest> = {},
  options: { prefix: string; provision: 'auto' | 'verify' | 'none' } = nothing,
) {
  const group = 'group' in changes ? changes.group : 'g';
  const request = { binding: 'orders/g', deadLetter: on, delays: [], instance: undefined, ...changes };
  return consumerTopology(
    { ...request, group, destinations: [destination].flat() },
    parseConsumerOptions(native, 'orders/g'),
    options,
  );
}

/** In the words of the management API, without an order. */
function captured(declarations: readonly Declaration[]) {
  const exchanges: object[] = [];
  const queues: object[] = [];
  const bindings: object[] = [];
  for (const each of declarations) {
    const { arguments: args = {} } = each as { arguments?: object };
    if (each.kind === 'exchange') {
      const { name, type, durable, autoDelete } = each;
      exchanges.push({ name, type, durable, autoDelete, internal: false, arguments: args });
    } else if (each.kind === 'queue') {
      const { name, durable, exclusive, autoDelete } = each;
      queues.push({ name, type: 'classic', durable, exclusive, autoDelete, arguments: args });
    } else if (each.kind === 'binding') {
      const { queue, exchange, routingKey } = each;
      bindings.push({ source: exchange, destination: queue, destinationType: 'queue', routingKey, arguments: args });
    } else throw new Error(`${each.name} is not declared`);
  }
  return { exchanges: sorted(exchanges), queues: sorted(queues), bindings: sorted(bindings) };
}

function sorted(list: readonly object[]): object[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The lines of a plan in short: `queue orders.g {…}`. */
function linesOf(declarations: readonly Declaration[]): string[] {
  return declarations.map((each) => {
    if (each.kind === 'binding') return `${each.exchange} -${each.routingKey}-> ${each.queue}`;
    const args = 'arguments' in each ? Object.entries(each.arguments) : [];
    return [`${each.kind} ${each.name}`, ...args.map(([name, value]) => `${name}=${value}`)].join(' ');
  });
}

describe('what Spring Cloud Stream declares', () => {
  it.each(['pojo', 'text', 'keyed', 'rbatch'])('%s: a group without dead letters', (name) => {
    const { declarations } = consumer(`fx.${name}`, {}, { group: 'cap', deadLetter: undefined });
    expect(captured(declarations)).toEqual(sortedFixture(name));
  });

  it('dlq: a group with dead letters', () => {
    expect(captured(consumer('fx.dlq.in').declarations)).toEqual(sortedFixture('dlq'));
  });

  it('dlqpart: four partitions with one queue of dead letters', () => {
    const { declarations } = consumer('fx.dlqpart.in', { partitionCount: 4 });
    expect(captured(declarations)).toEqual(sortedFixture('dlqpart'));
  });

  it('part: a producer that requires a group, with partitions', () => {
    const { declarations } = producer('fx.part', {}, { partitionCount: 4, requiredGroups: ['cap'] });
    const plan = captured(declarations.filter((each) => !('name' in each && /DLX|dlq/.test(each.name))));
    const { exchanges, bindings } = sortedFixture('part');
    expect(plan.exchanges).toEqual(exchanges);
    expect(plan.bindings.filter((each) => !JSON.stringify(each).includes('DLX'))).toEqual(bindings);
  });

  function sortedFixture(name: string) {
    const { exchanges, queues, bindings } = springTopology(name);
    return { exchanges: sorted(exchanges), queues: sorted(queues), bindings: sorted(bindings) };
  }
});

it('a producer and a consumer of the same group declare the same', () => {
  const made = linesOf(producer('orders', { ttl: '1s' }, { partitionCount: 2, requiredGroups: ['g'] }).declarations);
  expect(made.sort()).toEqual(linesOf(consumer('orders', { ttl: '1s', partitionCount: 2 }).declarations).sort());
});

it('every queue argument, of the queue and of its dead letters', () => {
  const all = {
    ttl: '1s',
    expires: '2s',
    maxLength: 3,
    maxLengthBytes: 4,
    maxPriority: 5,
    overflow: 'reject-publish',
    lazy: true,
    singleActiveConsumer: true,
    queueArguments: { 'x-queue-master-locator': 'min-masters' },
  };
  const native = { ...all, deadLetterQueue: { ...all, deadLetterExchange: 'again', deadLetterRoutingKey: 'later' } };
  const lines = linesOf(consumer('orders', native).declarations);
  const args =
    'x-expires=2000 x-max-length=3 x-max-length-bytes=4 x-max-priority=5 x-message-ttl=1000 x-queue-mode=lazy x-overflow=reject-publish x-single-active-consumer=true x-queue-master-locator=min-masters';
  expect(lines).toContain(`queue orders.g x-dead-letter-exchange=DLX x-dead-letter-routing-key=orders.g ${args}`);
  expect(lines).toContain(`queue orders.g.dlq x-dead-letter-exchange=again x-dead-letter-routing-key=later ${args}`);
});

it('a quorum queue has its arguments, a classic one none of them', () => {
  const native = { deliveryLimit: 3, initialGroupSize: 5, brokerDeadLetters: false };
  const quorum = 'x-queue-type=quorum x-delivery-limit=3 x-quorum-initial-group-size=5';
  const linesFor = (queueType: string) => linesOf(consumer('orders', { ...native, queueType }).declarations);
  expect(linesFor('quorum')).toContain(`queue orders.g ${quorum}`);
  expect(linesFor('classic')).toContain('queue orders.g');
});

it.each([
  ['topic', {}, undefined, ['#']],
  ['topic', { bindingKeys: ['a.*', 'b'] }, undefined, ['a.*', 'b']],
  ['topic', {}, 2, ['orders-0', 'orders-1']],
  ['topic', { bindingKeys: 'rk' }, 2, ['rk-0', 'rk-1']],
  ['direct', {}, undefined, ['orders']],
  ['fanout', { bindingKeys: 'unseen' }, undefined, ['']],
  ['headers', { bindingArguments: { 'x-match': 'any' } }, undefined, ['']],
  ['x-random', {}, undefined, ['#']],
])(
  'binds a queue to an exchange of type %s with %j and %s partitions by %j',
  (exchangeType, native, partitionCount, keys) => {
    const { declarations } = consumer('orders', { exchangeType, partitionCount, ...native }, { deadLetter: undefined });
    const bindings = declarations.filter((each) => each.kind === 'binding');
    expect(bindings.map(({ routingKey }) => routingKey)).toEqual(keys);
    const args = exchangeType === 'headers' ? { 'x-match': 'any' } : {};
    for (const binding of bindings) expect(binding.arguments).toEqual(args);
  },
);

it('names stand behind the prefix, routing keys do not', () => {
  const { declarations, queues } = consumer('orders', { partitionCount: 1 }, {}, { ...nothing, prefix: 'shop.' });
  expect(queues).toEqual([{ queue: 'shop.orders.g-0', destination: 'orders', partition: 0 }]);
  expect(linesOf(declarations)).toEqual([
    'exchange shop.orders',
    'queue shop.orders.g-0 x-dead-letter-exchange=shop.DLX x-dead-letter-routing-key=shop.orders.g-0',
    'shop.orders -orders-0-> shop.orders.g-0',
    'exchange shop.DLX',
    'queue shop.orders.g.dlq',
    'shop.DLX -shop.orders.g-0-> shop.orders.g.dlq',
    'shop.DLX -shop.orders.g-> shop.orders.g.dlq',
  ]);
  const { exchange, routingKeyOf } = producer('orders', { prefix: 'shop.' });
  expect([exchange, routingKeyOf({ payload: null, headers: {}, partition: 3 })]).toEqual(['shop.orders', 'orders-3']);
});

it('names of the dead letters can be chosen', () => {
  const native = {
    deadLetterExchange: 'DX',
    deadLetterExchangeType: 'topic',
    deadLetterRoutingKey: 'dead',
    deadLetterQueueName: 'graveyard',
  };
  expect(linesOf(consumer('orders', native).declarations).slice(1)).toEqual([
    'queue orders.g x-dead-letter-exchange=DX x-dead-letter-routing-key=dead',
    'orders -#-> orders.g',
    'exchange DX',
    'queue graveyard',
    'DX -dead-> graveyard',
  ]);
  const existing = linesOf(consumer('orders', { declareDeadLetterExchange: false }).declarations);
  expect(existing).toContain('existing exchange DLX');
});

it('a destination for dead letters is declared like any other; the queue of the group is kept behind it', () => {
  const deadLetter = { destination: 'refused', invalidDestination: 'noise' };
  const { declarations, deadLetters } = consumer('orders', {}, { deadLetter }, { ...nothing, prefix: 'shop.' });
  expect(linesOf(declarations).slice(-5)).toEqual([
    'exchange shop.DLX',
    'queue shop.orders.g.dlq',
    'shop.DLX -shop.orders.g-> shop.orders.g.dlq',
    'exchange shop.refused',
    'exchange shop.noise',
  ]);
  const kept = { exchange: 'shop.DLX', routingKey: 'shop.orders.g' };
  expect(deadLetters?.('failed', 'shop.orders.g')).toEqual([{ exchange: 'shop.refused', routingKey: 'refused' }, kept]);
  expect(deadLetters?.('invalid', 'shop.orders.g')).toEqual([{ exchange: 'shop.noise', routingKey: 'noise' }, kept]);
});

it('an alternate exchange is declared before the one that names it, and the queue behind it', () => {
  const alternateExchange = { name: 'lost', type: 'fanout', binding: { queue: 'found' } };
  expect(linesOf(producer('orders', { alternateExchange, exchangeArguments: { a: 1 } }).declarations)).toEqual([
    'exchange lost',
    'exchange orders alternate-exchange=lost a=1',
    'queue found',
    'lost -#-> found',
  ]);
  const there = producer('orders', { alternateExchange: { name: 'lost', exists: true } }).declarations;
  expect(linesOf(there)).toEqual(['exchange orders']);
});

describe('what is there already', () => {
  it('is used under its name and not declared: an exchange, and queues bound to it', () => {
    expect(linesOf(consumer('orders', { exchange: 'amq.topic' }, { deadLetter: undefined }).declarations)).toEqual([
      'existing exchange amq.topic',
      'queue orders.g',
      'amq.topic -#-> orders.g',
    ]);
    expect(producer('orders', { exchange: '' }).declarations).toEqual([]);
  });

  it('a queue, whose dead letters are kept all the same', () => {
    const { declarations, queues, deadLetters } = consumer('orders', { queue: 'old' });
    expect(queues).toEqual([{ queue: 'old', destination: 'orders', partition: undefined }]);
    expect(linesOf(declarations)).toEqual([
      'exchange orders',
      'existing queue old',
      'exchange DLX',
      'queue orders.g.dlq',
      'DLX -old-> orders.g.dlq',
    ]);
    expect(deadLetters?.('failed', 'old')).toEqual([{ exchange: 'DLX', routingKey: 'old' }]);
  });

  it('verify asks for all of it, none for nothing', () => {
    expect(linesOf(consumer('orders', { provision: 'verify' }, { delays: [5] }).declarations)).toEqual([
      'existing exchange orders',
      'existing queue orders.g',
      'existing exchange DLX',
      'existing queue orders.g.dlq',
      'existing queue orders.g.retry.5',
    ]);
    const none = consumer('orders', {}, {}, { ...nothing, provision: 'none' });
    expect(none).toMatchObject({ declarations: [], canDeclare: false, queues: [{ queue: 'orders.g' }] });
    expect(producer('orders', { provision: 'none' }).declarations).toEqual([]);
  });

  it.each(['verify', 'none'] as const)('%s makes the queue of a broadcast, which nobody else could', (provision) => {
    const { declarations } = consumer('orders', {}, { group: undefined }, { ...nothing, provision });
    expect(declarations.filter(({ kind }) => kind !== 'existing exchange').map(({ kind }) => kind)).toEqual([
      'queue',
      'binding',
    ]);
  });
});

describe('queues of groups', () => {
  it('a broadcast has one of its own for each connection, by Spring’s name, without dead letters', () => {
    const { declarations, queues, deadLetters, canPark } = consumer(
      'orders',
      { partitionCount: 2 },
      { group: undefined },
    );
    const [{ queue } = { queue: '' }] = queues;
    expect(queue).toMatch(/^orders\.anonymous\.[\w-]{22}$/);
    expect(declarations[1]).toEqual({
      kind: 'queue',
      name: queue,
      durable: false,
      exclusive: true,
      autoDelete: true,
      arguments: {},
    });
    expect(linesOf(declarations).slice(2)).toEqual([`orders -#-> ${queue}`]);
    expect({ deadLetters, canPark, count: queues.length }).toEqual({
      deadLetters: undefined,
      canPark: false,
      count: 1,
    });
    expect(consumer('orders', {}, { group: undefined }).queues[0]?.queue).not.toBe(queue);
  });

  it('one that is not durable goes with its last consumer, and keeps nothing', () => {
    const topology = consumer('orders', { durableSubscription: false }, { delays: [5] });
    expect(topology).toMatchObject({ deadLetters: undefined, canPark: false });
    expect(topology.declarations[1]).toMatchObject({
      durable: false,
      autoDelete: true,
      exclusive: false,
      arguments: {},
    });
    expect(topology.declarations).toHaveLength(3);
  });

  it('may be called as the group alone', () => {
    expect(consumer('orders', { queueNameGroupOnly: true }).queues[0]?.queue).toBe('g');
    expect(linesOf(consumer('orders', { queueNameGroupOnly: true }).declarations)).toContain('queue g.dlq');
  });

  it('of several destinations, each with a queue and dead letters of its own, and one exchange for those', () => {
    const { queues, declarations } = consumer(['orders', 'refunds'], { partitionCount: 2 });
    expect(queues.map(({ queue }) => queue)).toEqual(['orders.g-0', 'orders.g-1', 'refunds.g-0', 'refunds.g-1']);
    const lines = linesOf(declarations);
    expect(lines.filter((line) => line === 'exchange DLX')).toHaveLength(1);
    expect(lines).toEqual(expect.arrayContaining(['queue orders.g.dlq', 'queue refunds.g.dlq']));
  });

  it('a static share of the partitions: those of this instance', () => {
    const { queues } = consumer('orders', { partitionCount: 6 }, { instance: { index: 2, count: 3 } });
    expect(queues.map(({ partition }) => partition)).toEqual([2, 5]);
  });

  it('delays have a queue for each, of the same kind', () => {
    const native = { queueType: 'quorum', brokerDeadLetters: false };
    const lines = linesOf(consumer('orders', native, { delays: [5_000, 60_000], deadLetter: undefined }).declarations);
    expect(lines.slice(3)).toEqual(
      [5_000, 60_000].map(
        (delay) =>
          `queue orders.g.retry.${delay} x-message-ttl=${delay} x-dead-letter-exchange= x-dead-letter-routing-key=orders.g x-queue-type=quorum x-dead-letter-strategy=at-least-once x-overflow=reject-publish`,
      ),
    );
  });
});

it.each([
  [
    'a fanout with partitions',
    () => consumer('orders', { exchangeType: 'fanout', partitionCount: 2 }),
    /fanout cannot have partitions/,
  ],
  [
    'a fanout with partitions, sending',
    () => producer('orders', { exchangeType: 'fanout' }, { partitionCount: 2 }),
    /fanout cannot/,
  ],
  [
    'one queue for several destinations',
    () => consumer(['a', 'b'], { queue: 'q' }),
    /queue makes one queue, and there are 2/,
  ],
  ['one name for several', () => consumer(['a', 'b'], { queueNameGroupOnly: true }), /queueNameGroupOnly makes one/],
  ['one exchange for several', () => consumer(['a', 'b'], { exchange: 'x' }), /exchange names one, and there are 2/],
  [
    'a delay of a hundred days',
    () => consumer('orders', {}, { delays: [8_640_000_000] }),
    /retry\.delays: 8640000000 ms/,
  ],
])('refuses %s', (_, plan, message) => {
  expect(plan).toThrow(
    expect.objectContaining({ code: 'CONFIGURATION_INVALID', message: expect.stringMatching(message) }),
  );
});
