import { Deliveries, text, unique } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startRabbitmq } from '@millrace/brokers';
import { MillraceError, type ProducerRequest } from '@millrace/core/spi';
import { type SpringTopology, springTopology } from './fixture';
import { Rig } from './rig';

let rabbitmq: OwnRabbitmq;
const rigs: Rig[] = [];

beforeAll(async () => {
  rabbitmq = await startRabbitmq();
}, 120_000);
afterEach(async () => {
  await Promise.all(rigs.splice(0).map((rig) => rig.close()));
});
afterAll(() => rabbitmq?.stop());

/** A binder on a virtual host of its own, so that nothing is there but what it declares. */
async function newRig(options: object = {}): Promise<{ rig: Rig; vhost: string }> {
  const vhost = unique('shop');
  await rabbitmq.addVhost(vhost);
  const rig = new Rig({ url: `${rabbitmq.url}/${vhost}`, ...options });
  rigs.push(rig);
  return { rig, vhost };
}

function api<T = unknown>(method: string, path: string, body?: object): Promise<T> {
  return rabbitmq.management(method, `/api/${path}`, body) as Promise<T>;
}

interface Exchange {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly auto_delete: boolean;
  readonly internal: boolean;
  readonly arguments: object;
}

interface Queue extends Omit<Exchange, 'internal' | 'arguments'> {
  readonly exclusive: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

interface Binding {
  readonly source: string;
  readonly destination: string;
  readonly destination_type: string;
  readonly routing_key: string;
  readonly arguments: object;
}

/** All that was declared, as the fixtures have it. */
async function declared(vhost: string): Promise<SpringTopology> {
  const exchanges = await api<Exchange[]>('GET', `exchanges/${vhost}`);
  const queues = await api<Queue[]>('GET', `queues/${vhost}`);
  const bindings = await api<Binding[]>('GET', `bindings/${vhost}`);
  return {
    exchanges: exchanges
      .filter(({ name }) => name !== '' && !name.startsWith('amq.'))
      .map(({ name, type, durable, auto_delete: autoDelete, internal, arguments: args }) => {
        return { name, type, durable, autoDelete, internal, arguments: args };
      })
      .sort(by(({ name }) => name)),
    queues: queues
      .map(({ name, type, durable, exclusive, auto_delete: autoDelete, arguments: args }) => {
        return { name, type, durable, exclusive, autoDelete, arguments: told(args) };
      })
      .sort(by(({ name }) => name)),
    bindings: bindings
      .filter(({ source }) => source !== '')
      .map(({ source, destination, destination_type: destinationType, routing_key: routingKey, arguments: args }) => {
        return { source, destination, destinationType, routingKey, arguments: args };
      })
      .sort(by((binding) => JSON.stringify(binding))),
  };
}

/** Since RabbitMQ 4 the usual type of a queue stands among its arguments, though nobody has said it. */
function told({ 'x-queue-type': type, ...others }: Readonly<Record<string, unknown>>): object {
  return type === undefined || type === 'classic' ? others : { 'x-queue-type': type, ...others };
}

function sorted({ exchanges, queues, bindings }: SpringTopology): SpringTopology {
  return {
    exchanges: [...exchanges].sort(by(({ name }) => name)),
    queues: [...queues].sort(by(({ name }) => name)),
    bindings: [...bindings].sort(by((binding) => JSON.stringify(binding))),
  };
}

function by<T>(keyOf: (value: T) => string): (a: T, b: T) => number {
  return (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);
}

describe('declares what Spring Cloud Stream declares', () => {
  it.each(['pojo', 'text', 'headers'])('%s: a group without dead letters', async (name) => {
    const { rig, vhost } = await newRig();
    await rig.producer(`fx.${name}`);
    await rig.consumer(`fx.${name}`, { group: 'cap', deadLetter: undefined });
    expect(await declared(vhost)).toEqual(sorted(springTopology(name)));
  });

  it('dlq: with dead letters', async () => {
    const { rig, vhost } = await newRig();
    await rig.consumer('fx.dlq.in', { group: 'g' });
    expect(await declared(vhost)).toEqual(sorted(springTopology('dlq')));
  });

  it('dlqpart: partitions, one queue of dead letters for all; the same by a producer that requires the group', async () => {
    const { rig, vhost } = await newRig();
    await rig.producer('fx.dlqpart.in', { partitionCount: 4, requiredGroups: ['g'] });
    const byProducer = await declared(vhost);
    await rig.consumer('fx.dlqpart.in', { group: 'g', native: { partitionCount: 4 } });
    expect(await declared(vhost)).toEqual(byProducer);
    expect(byProducer).toEqual(sorted(springTopology('dlqpart')));
  });

  it('a group of Spring’s with every argument is shared as it is', async () => {
    const { rig, vhost } = await newRig();
    const arguments_ = {
      'x-dead-letter-exchange': 'DLX',
      'x-dead-letter-routing-key': 'orders.g',
      'x-expires': 100_000,
      'x-max-length': 50,
      'x-max-length-bytes': 50_000,
      'x-max-priority': 5,
      'x-message-ttl': 60_000,
      'x-queue-mode': 'lazy',
      'x-overflow': 'reject-publish',
      'x-single-active-consumer': true,
    };
    await api('PUT', `queues/${vhost}/orders.g`, { durable: true, arguments: arguments_ });
    const native = {
      expires: 100_000,
      maxLength: 50,
      maxLengthBytes: 50_000,
      maxPriority: 5,
      ttl: '1m',
      lazy: true,
      overflow: 'reject-publish',
      singleActiveConsumer: true,
    };
    const inbox = new Deliveries();
    await rig.consumer('orders', { group: 'g', native, deliver: inbox.deliver });
    await (await rig.producer('orders')).send(text('shared'));
    await inbox.until(1);
  });
});

describe('K4 what exists with other arguments fails the start, and says how to take it', () => {
  const cases: [string, object, object, RegExp][] = [
    [
      'x-message-ttl',
      { arguments: { 'x-message-ttl': 5 } },
      { brokerDeadLetters: false },
      /^orders\/g: queue orders\.g exists with another x-message-ttl: 5, and none is wanted\. To take it as it is, say 'ttl: 5', or name it with 'queue: orders\.g', which declares nothing/,
    ],
    [
      'x-max-length',
      {},
      { brokerDeadLetters: false, maxLength: 7 },
      /another x-max-length: none, and 7 is wanted\. To take it as it is, leave 'maxLength' out/,
    ],
    [
      'x-dead-letter-exchange',
      {},
      {},
      /another x-dead-letter-exchange: none, and DLX is wanted\. Take it as it is with 'brokerDeadLetters: false'/,
    ],
    [
      'x-dead-letter-exchange of another name',
      { arguments: { 'x-dead-letter-exchange': 'DX', 'x-dead-letter-routing-key': 'orders.g' } },
      {},
      /another x-dead-letter-exchange: DX, and DLX is wanted\. Take it as it is with 'deadLetterExchange: DX'/,
    ],
    [
      'x-queue-type',
      { arguments: { 'x-queue-type': 'quorum' } },
      { brokerDeadLetters: false },
      /another x-queue-type: quorum, and .* is wanted\. To take it as it is, say 'queueType: quorum'/,
    ],
    [
      'durable',
      { durable: false },
      { brokerDeadLetters: false },
      /another durable: false, and true is wanted.*'durableSubscription: false'/,
    ],
    [
      'an argument of no option',
      { arguments: { 'x-queue-version': 2 } },
      { brokerDeadLetters: false },
      /another x-queue-version: 2, and none is wanted\. To take it as it is, say 'queueArguments: \{ x-queue-version: 2 \}'/,
    ],
  ];

  it.each(cases)('%s', async (_, existing, native, message) => {
    const { rig, vhost } = await newRig();
    await api('PUT', `queues/${vhost}/orders.g`, { durable: true, ...existing });
    const failure = await rig.consumer('orders', { group: 'g', native }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'BINDER_FAILED', retryable: false });
    expect((failure as Error).message).toMatch(message);
    await rig.consumer('orders', { group: 'g', native: { queue: 'orders.g' } });
  });

  it.each([
    [
      { type: 'direct' },
      {},
      /exchange orders exists with another type: direct, and topic is wanted.*'exchangeType: direct'/,
    ],
    [{ type: 'topic', durable: false }, {}, /another durable: false, and true is wanted.*'exchangeDurable: false'/],
    [
      { type: 'topic', arguments: { 'alternate-exchange': 'lost' } },
      {},
      /another alternate-exchange: lost, and none is wanted.*'alternateExchange: \{ name: lost \}'.*'exchange: orders'/,
    ],
  ])('an exchange: %j', async (existing, native, message) => {
    const { rig, vhost } = await newRig();
    await api('PUT', `exchanges/${vhost}/orders`, { durable: true, ...existing });
    await expect(rig.producer('orders', { native })).rejects.toThrow(message);
    await (await rig.producer('orders', { native: { exchange: 'orders', unroutable: 'ignore' } })).send(text('taken'));
  });
});

describe('K12 what is there already', () => {
  it('is used and not declared: exchange and queue, with dead letters and delays of ours beside them', async () => {
    const { rig, vhost } = await newRig();
    await api('PUT', `exchanges/${vhost}/till`, { type: 'direct', durable: false });
    await api('PUT', `queues/${vhost}/old`, { durable: false, auto_delete: false, arguments: { 'x-max-length': 9 } });
    await api('POST', `bindings/${vhost}/e/till/q/old`, { routing_key: 'beep' });
    const inbox = new Deliveries();
    const native = { exchange: 'till', routingKey: 'beep' };
    await rig.consumer('orders', { group: 'g', native: { exchange: 'till', queue: 'old' }, deliver: inbox.deliver });
    await (await rig.producer('orders', { native })).send(text('found'));
    await inbox.until(1);
    const { exchanges, queues } = await declared(vhost);
    expect(exchanges.map(({ name }) => name)).toEqual(['DLX', 'till']);
    expect(queues.map(({ name }) => name)).toEqual(['old', 'orders.g.dlq']);
  });

  it('a queue of ours can be bound to an exchange of the broker’s', async () => {
    const { rig, vhost } = await newRig();
    const inbox = new Deliveries();
    const native = { exchange: 'amq.topic', queueNameGroupOnly: true, bindingKeys: ['a.*', 'b.#'] };
    await rig.consumer('orders', { group: 'g', native, deliver: inbox.deliver });
    for (const routingKey of ['a.x', 'b.x.y'])
      await (await rig.producer('orders', { native: { exchange: 'amq.topic', routingKey } })).send(text(routingKey));
    await inbox.until(2);
    expect((await declared(vhost)).bindings.map(({ routingKey }) => routingKey)).toEqual(['g', 'a.*', 'b.#']);
  });

  it('verify declares nothing, and names what is missing', async () => {
    const { rig, vhost } = await newRig({ provision: 'verify' });
    const bind = (): Promise<unknown> => rig.consumer('orders', { group: 'g', delays: [5_000] });
    await expect(rig.producer('orders')).rejects.toThrow(/^orders: exchange orders does not exist; create it/);
    for (const missing of [
      `exchanges/${vhost}/orders`,
      `queues/${vhost}/orders.g`,
      `exchanges/${vhost}/DLX`,
      `queues/${vhost}/orders.g.dlq`,
      `queues/${vhost}/orders.g.retry.5000`,
    ]) {
      const [kind, , name] = missing.split('/');
      const failure = await bind().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'BINDER_FAILED', retryable: false });
      expect((failure as Error).message).toContain(`orders/g: ${kind?.slice(0, -1)} ${name} does not exist`);
      await api('PUT', missing, kind === 'exchanges' ? { type: 'topic', durable: true } : { durable: true });
    }
    await bind();
    const { bindings } = await declared(vhost);
    expect(bindings).toEqual([]);
  });

  it('none asks for nothing: it fails when it is used', async () => {
    const { rig } = await newRig({ provision: 'none', startTimeout: 0 });
    const producer = await rig.producer('orders');
    await expect(producer.send(text('lost'))).rejects.toMatchObject({ code: 'SEND_FAILED' });
    await expect(rig.consumer('orders', { group: 'g' })).rejects.toThrow(/no queue 'orders\.g'/);
  });
});

it('several members and producers declare at the same time', async () => {
  const { rig, vhost } = await newRig();
  const request: Partial<ProducerRequest> = { requiredGroups: ['g'] };
  await Promise.all([
    ...Array.from({ length: 4 }, () => rig.consumer('orders', { group: 'g', delays: [1_000] })),
    ...Array.from({ length: 4 }, () => rig.producer('orders', request)),
  ]);
  expect((await declared(vhost)).queues.map(({ name }) => name)).toEqual([
    'orders.g',
    'orders.g.dlq',
    'orders.g.retry.1000',
  ]);
});

it('what may not be declared fails the start, and names the permission', async () => {
  const { vhost } = await newRig();
  const permissions = { configure: '^orders$', write: '.*', read: '.*' };
  await rabbitmq.putUser({ name: 'barista', password: 'latte', vhost, permissions });
  const rig = new Rig({ url: `${rabbitmq.url}/${vhost}`, username: 'barista', password: 'latte' });
  rigs.push(rig);
  const failure = await rig.consumer('orders', { group: 'g' }).catch((error: unknown) => error);
  expect(MillraceError.is(failure, 'BINDER_FAILED')).toBe(true);
  expect((failure as Error).message).toMatch(
    /^orders\/g: queue orders\.g: this user lacks a permission: .*queue 'orders\.g'/,
  );
});
