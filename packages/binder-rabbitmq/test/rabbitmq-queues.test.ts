import { Deliveries, numbers, text, textOf, unique } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startRabbitmq } from '@millrace/brokers';
import { type InboundRecord, settlements } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { springMessages } from './fixture';
import { Rig } from './rig';

let rabbitmq: OwnRabbitmq;
let backDoor: BackDoor;
let rig: Rig;

beforeAll(async () => {
  rabbitmq = await startRabbitmq();
  backDoor = new BackDoor(rabbitmq.url);
}, 120_000);
beforeEach(() => {
  rig = new Rig({ url: rabbitmq.url });
});
afterEach(() => rig.close());
afterAll(async () => {
  await backDoor?.close();
  await rabbitmq?.stop();
});

interface Overview {
  readonly rabbitmq_version: string;
}

/** Dead letters of the group, when there are so many. */
async function untilDead(queue: string, count: number) {
  let letters = await backDoor.taken(queue);
  const end = Date.now() + 20_000;
  while (letters.length < count && Date.now() < end) letters = await backDoor.taken(queue);
  expect(letters.map(({ payload }) => Buffer.from(payload ?? []).toString())).toHaveLength(count);
  return letters;
}

describe('K11 exchanges', () => {
  it('topic: binding keys choose among routing keys made of the message', async () => {
    const orders = unique('orders');
    const hot = new Deliveries();
    await rig.consumer(orders, { native: { bindingKeys: 'north.*.hot' }, deliver: hot.deliver });
    const producer = await rig.producer(orders, {
      native: { routingKey: '{headers.region}.{key}.{headers.kind}', unroutable: 'ignore' },
    });
    for (const [region, kind] of [
      ['north', 'cold'],
      ['south', 'hot'],
      ['north', 'hot'],
    ] as const)
      await producer.send(text(`${region} ${kind}`, { headers: { region, kind }, key: 'seven' }));
    await hot.until(1);
    expect(hot.texts).toEqual(['north hot']);
    await expect(producer.send(text('nowhere', { key: 'seven' }))).rejects.toMatchObject({
      code: 'SEND_FAILED',
      retryable: false,
    });
  });

  it('direct: the destination is the key, and another key is another queue', async () => {
    const orders = unique('orders');
    const [all, some] = [new Deliveries(), new Deliveries()];
    const native = { exchangeType: 'direct' };
    await rig.consumer(orders, { native, deliver: all.deliver });
    await rig.consumer(orders, { native: { ...native, bindingKeys: ['a', 'b'] }, deliver: some.deliver });
    await (await rig.producer(orders, { native })).send(text('plain'));
    for (const routingKey of ['a', 'b'])
      await (await rig.producer(orders, { native: { ...native, routingKey } })).send(text(routingKey));
    await Promise.all([all.until(1), some.until(2)]);
    expect([all.texts, some.texts]).toEqual([['plain'], ['a', 'b']]);
  });

  it('fanout: every group gets every message, whatever its key', async () => {
    const orders = unique('orders');
    const inboxes = [new Deliveries(), new Deliveries()];
    const native = { exchangeType: 'fanout' };
    for (const { deliver } of inboxes) await rig.consumer(orders, { native, deliver });
    await (await rig.producer(orders, { native: { ...native, routingKey: 'any' } })).send(text('all'));
    await Promise.all(inboxes.map((inbox) => inbox.until(1)));
  });

  it('headers: the arguments of the binding choose', async () => {
    const orders = unique('orders');
    const inbox = new Deliveries();
    const native = { exchangeType: 'headers' };
    const bindingArguments = { 'x-match': 'any', kind: 'hot', size: 3 };
    await rig.consumer(orders, { native: { ...native, bindingArguments }, deliver: inbox.deliver });
    const producer = await rig.producer(orders, { native: { ...native, unroutable: 'ignore' } });
    for (const headers of [{ kind: 'cold' }, { kind: 'hot' }, { size: 3 }])
      await producer.send(text(JSON.stringify(headers), { headers }));
    await inbox.until(2);
    expect(inbox.texts).toEqual(['{"kind":"hot"}', '{"size":3}']);
  });

  it('the default exchange: straight into a queue', async () => {
    const queue = unique('queue');
    const inbox = new Deliveries();
    await rig.consumer(unique('orders'), {
      native: { queueNameGroupOnly: true },
      group: queue,
      deliver: inbox.deliver,
    });
    await (await rig.producer('anything', { native: { exchange: '', routingKey: queue } })).send(text('straight'));
    await inbox.until(1);
  });

  it('an alternate exchange keeps what no queue wants', async () => {
    const orders = unique('orders');
    const lost = `${orders}.lost`;
    const alternateExchange = { name: lost, type: 'fanout', binding: { queue: lost } };
    await (await rig.producer(orders, { native: { alternateExchange } })).send(text('found again'));
    await untilDead(lost, 1);
  });
});

it('required groups get what was sent before their first consumer, each a copy', async () => {
  const orders = unique('orders');
  const producer = await rig.producer(orders, { requiredGroups: ['baristas', 'books'] });
  for (const each of numbers(3)) await producer.send(text(each));
  for (const group of ['baristas', 'books']) {
    const inbox = new Deliveries();
    await rig.consumer(orders, { group, deliver: inbox.deliver });
    await inbox.until(3);
    expect(inbox.texts).toEqual(numbers(3));
  }
});

describe('K8 time to live', () => {
  it('of a queue: what nobody has taken goes to the dead letters, with the broker’s reason', async () => {
    const orders = unique('orders');
    const native = { ttl: '50ms' };
    await (await rig.producer(orders, { requiredGroups: ['g'], native })).send(text('stale'));
    const [letter] = await untilDead(`${orders}.g.dlq`, 1);
    expect(letter?.message.properties.headers).toMatchObject({
      'x-death': [{ reason: 'expired', queue: `${orders}.g` }],
    });
  });

  it.each([
    ['messages', { messageTtl: '50ms' }],
    ['both: the shorter counts', { messageTtl: '50ms', ttl: '1h' }],
    ['both, the other way round', { messageTtl: '1h', ttl: '50ms' }],
  ])('of %s', async (_, native) => {
    const orders = unique('orders');
    await (await rig.producer(orders, { requiredGroups: ['g'], native })).send(text('stale'));
    await untilDead(`${orders}.g.dlq`, 1);
  });

  it('a dead letter of an expiring message does not expire itself', async () => {
    const orders = unique('orders');
    const inbox = new Deliveries();
    const binding = await rig.consumer(orders, { group: 'g', deliver: inbox.deliver });
    await (await rig.producer(orders, { native: { messageTtl: '5s' } })).send(text('bad'));
    const [record] = await inbox.until(1);
    await binding.deadLetter?.(letterOf(record as InboundRecord));
    const [letter] = await untilDead(`${orders}.g.dlq`, 1);
    expect(letter?.message.properties.expiration).toBeUndefined();
  });
});

describe('lengths', () => {
  it('drop-head sends the oldest to the dead letters', async () => {
    const orders = unique('orders');
    const producer = await rig.producer(orders, { requiredGroups: ['g'], native: { maxLength: 2 } });
    for (const each of numbers(3)) await producer.send(text(each));
    const [letter] = await untilDead(`${orders}.g.dlq`, 1);
    expect(String(letter?.payload)).toBe('0');
  });

  it('reject-publish fails the sender, who can try again', async () => {
    const orders = unique('orders');
    const native = { maxLength: 1, overflow: 'reject-publish' };
    const producer = await rig.producer(orders, { requiredGroups: ['g'], native });
    const outcomes = await Promise.allSettled(numbers(20).map((each) => producer.send(text(each))));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'SEND_FAILED', retryable: true });
  });

  it('a queue that was full before the first send refuses each at once, however long; then takes again', async () => {
    const orders = unique('orders');
    const native = { maxLength: 1, overflow: 'reject-publish' };
    const sendTimeout = 60_000;
    await (await rig.producer(orders, { requiredGroups: ['g'], native })).close();
    const fill = (): Promise<void> => backDoor.publish(orders, { payload: Buffer.from('filler') });
    while (
      await fill().then(
        () => true,
        () => false,
      )
    );
    const producer = await rig.producer(orders, { requiredGroups: ['g'], native: { ...native, sendTimeout } });
    const end = Date.now() + 5_000;
    let longest = 0;
    for (let count = 0; Date.now() < end; count += 1) {
      const begun = Date.now();
      await expect(producer.send(text(String(count)))).rejects.toMatchObject({ code: 'SEND_FAILED', retryable: true });
      longest = Math.max(longest, Date.now() - begun);
    }
    expect(longest).toBeLessThan(sendTimeout / 10);
    const replacements = rig.lines.filter(({ message }) => message.includes('producer is interrupted'));
    expect(replacements.length).toBeGreaterThanOrEqual(1);
    expect(replacements.length).toBeLessThanOrEqual(3);
    const taken = async (): Promise<string[]> =>
      (await backDoor.taken(`${orders}.g`)).map(({ payload }) => String(payload));
    expect(new Set(await taken())).toEqual(new Set(['filler']));
    await producer.send(text('room'));
    expect((await taken()).at(-1)).toBe('room');
  });
});

it('K7 messages of a higher priority come first, and keep it through a delay', async () => {
  const orders = unique('orders');
  const native = { maxPriority: 9 };
  const producer = await rig.producer(orders, { requiredGroups: ['g'], native });
  for (const priority of [1, 9, 5]) await producer.send(text(String(priority), { headers: { priority } }));
  const inbox = new Deliveries((record) =>
    record.headers.millrace_attempts === undefined
      ? { verdict: 'requeue', delayMs: 1_000, headers: { ...record.headers, millrace_attempts: 1 } }
      : settlements.ack,
  );
  await rig.consumer(orders, { group: 'g', native, prefetch: 1, deliver: inbox.deliver });
  await inbox.until(6);
  expect(inbox.texts.slice(0, 3)).toEqual(['9', '5', '1']);
  for (const record of inbox.records) expect(record.headers.priority).toBe(Number(textOf(record)));
});

describe('K2 K3 quorum queues', () => {
  const native = { queueType: 'quorum', deliveryLimit: 2, deadLetterQueue: { queueType: 'quorum' } };

  it('carry messages, delays and dead letters', async () => {
    const orders = unique('orders');
    const inbox = new Deliveries(({ headers }) =>
      headers.millrace_attempts === undefined
        ? { verdict: 'requeue', delayMs: 50, headers: { ...headers, millrace_attempts: 1 } }
        : settlements.ack,
    );
    await rig.consumer(orders, { group: 'g', native, delays: [50], deliver: inbox.deliver });
    await (await rig.producer(orders)).send(text('kept in copies'));
    await inbox.until(2);
    for (const queue of [`${orders}.g`, `${orders}.g.dlq`, `${orders}.g.retry.50`])
      expect(await rabbitmq.management('GET', `/api/queues/%2F/${queue}`)).toMatchObject({ type: 'quorum' });
  });

  /** Rejects the message of the queue, so many times. Where it is not at once there again it comes soon, or never. */
  async function giveBack(queue: string, times: number): Promise<void> {
    await backDoor.use(async (channel) => {
      for (let time = 0; time < times; ) {
        const message = await channel.get(queue);
        if (message === false) continue;
        channel.reject(message, true);
        time += 1;
      }
    });
  }

  it('count deliveries, and dead-letter by themselves what comes back too often', async () => {
    const orders = unique('orders');
    await (await rig.producer(orders, { requiredGroups: ['g'], native })).send(text('never good'));
    await giveBack(`${orders}.g`, 2);
    await using dying = new Rig({ url: rabbitmq.url });
    const inbox = new Deliveries(() => new Promise(() => undefined));
    await dying.consumer(orders, { group: 'g', native, deliver: inbox.deliver });
    await inbox.until(1);
    expect(inbox.records.map(({ deliveries }) => deliveries)).toEqual([3]);
    await dying.close();
    const [letter] = await untilDead(`${orders}.g.dlq`, 1);
    expect(letter?.message.properties.headers).toMatchObject({ 'x-death': [{ reason: 'delivery_limit' }] });
  });

  it('without a limit keep what comes back, though nothing takes their dead letters', async () => {
    const orders = unique('orders');
    const unlimited = { queueType: 'quorum', deliveryLimit: -1, brokerDeadLetters: false };
    await (await rig.producer(orders, { requiredGroups: ['g'], native: unlimited })).send(text('kept'));
    await giveBack(`${orders}.g`, 30);
    const inbox = new Deliveries();
    await rig.consumer(orders, { group: 'g', native: unlimited, deliver: inbox.deliver });
    await inbox.until(1);
    expect(rig.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });

  it('that throw away what comes back too often, and nobody has asked them to, are warned of', async () => {
    const orders = unique('orders');
    const limited = { queueType: 'quorum', brokerDeadLetters: false };
    const { rabbitmq_version: version } = (await rabbitmq.management('GET', '/api/overview')) as Overview;
    await rig.consumer(orders, { group: 'g', native: limited });
    const warning = { facts: { binding: 'orders/g', queue: `${orders}.g`, version }, level: 'warn' };
    const warned = rig.lines.filter(({ message }) => /comes back for the 21st time.*'deliveryLimit: -1'/.test(message));
    expect(warned).toMatchObject(Number.parseInt(version, 10) < 4 ? [] : [warning]);
  });
});

it('a single active consumer keeps the order of two members, and the other takes over', async () => {
  const orders = unique('orders');
  const native = { singleActiveConsumer: true };
  const [first, second] = [new Deliveries(), new Deliveries()];
  const active = await rig.consumer(orders, { group: 'g', native, deliver: first.deliver });
  await rig.consumer(orders, { group: 'g', native, deliver: second.deliver });
  const producer = await rig.producer(orders);
  for (const each of numbers(10)) await producer.send(text(each));
  await first.until(10);
  expect([first.texts, second.texts]).toEqual([numbers(10), []]);
  await active.close();
  await producer.send(text('for the other'));
  await second.until(1);
});

it('a group without a durable subscription goes with its last consumer', async () => {
  const orders = unique('orders');
  const inbox = new Deliveries();
  const binding = await rig.consumer(orders, {
    group: 'g',
    native: { durableSubscription: false },
    deliver: inbox.deliver,
  });
  await (await rig.producer(orders)).send(text('while it is there'));
  await inbox.until(1);
  await binding.close();
  const end = Date.now() + 10_000;
  while ((await backDoor.exists(`${orders}.g`)) && Date.now() < end);
  expect(await backDoor.exists(`${orders}.g`)).toBe(false);
  expect(await backDoor.exists(`${orders}.g.dlq`)).toBe(false);
});

describe('partitions', () => {
  it('each has its queue; a static share reads its own, and they have one queue of dead letters', async () => {
    const orders = unique('orders');
    const native = { partitionCount: 4 };
    const inboxes = [new Deliveries(), new Deliveries()];
    const bindings = await Promise.all(
      inboxes.map(({ deliver }, index) =>
        rig.consumer(orders, { group: 'g', native, instance: { index, count: 2 }, deliver }),
      ),
    );
    const producer = await rig.producer(orders, { partitionCount: 4 });
    for (const partition of [0, 1, 2, 3]) await producer.send(text(String(partition), { partition }));
    await Promise.all(inboxes.map((inbox) => inbox.until(2)));
    expect(inboxes.map(({ records }) => records.map(({ partition }) => partition).sort())).toEqual([
      [0, 2],
      [1, 3],
    ]);
    for (const [index, { records }] of inboxes.entries())
      for (const record of records) await bindings[index]?.deadLetter?.(letterOf(record));
    const letters = await untilDead(`${orders}.g.dlq`, 4);
    for (const { payload, message } of letters)
      expect(message).toMatchObject({
        exchange: 'DLX',
        routingKey: `${orders}.g-${payload}`,
        properties: {
          headers: { 'x-original-routingKey': `${orders}-${payload}`, 'x-original-partition': Number(payload) },
        },
      });
  });

  it('a group that does not know of them reads all from one queue, and sees which each is of', async () => {
    const orders = unique('orders');
    const inbox = new Deliveries();
    await rig.consumer(orders, { deliver: inbox.deliver });
    const producer = await rig.producer(orders, { partitionCount: 3 });
    for (const partition of [2, 0, 1]) await producer.send(text(String(partition), { partition }));
    await inbox.until(3);
    expect(inbox.records.map(({ partition }) => partition)).toEqual([2, 0, 1]);
  });
});

it('dead letters go to the destination that is configured where somebody reads it, else they stay with the group', async () => {
  const orders = unique('orders');
  const refused = unique('refused');
  const inbox = new Deliveries();
  const deadLetter = { destination: refused, invalidDestination: undefined };
  const binding = await rig.consumer(orders, { group: 'g', deadLetter, deliver: inbox.deliver });
  await (await rig.producer(orders)).send(text('bad'));
  const [record] = await inbox.until(1);
  await binding.deadLetter?.(letterOf(record as InboundRecord));
  await untilDead(`${orders}.g.dlq`, 1);
  const readers = [new Deliveries(), new Deliveries()];
  for (const reader of readers) await rig.consumer(refused, { deliver: reader.deliver });
  await binding.deadLetter?.(letterOf(record as InboundRecord));
  for (const reader of readers) {
    const [letter] = await reader.until(1);
    expect(letter?.headers).toMatchObject({ 'x-exception-message': 'out of beans', 'x-original-exchange': orders });
  }
  expect(await backDoor.depth(`${orders}.g.dlq`)).toBe(0);
});

it('what Spring has put into one message is read as several, and settled as one', async () => {
  const orders = unique('orders');
  const inbox = new Deliveries();
  await rig.consumer(orders, { group: 'g', deliver: inbox.deliver });
  const [batch] = springMessages('rbatch').get('fx.rbatch.cap') ?? [];
  const { headers, contentType } = batch?.properties ?? {};
  await backDoor.publishRaw(orders, orders, batch?.body ?? Buffer.alloc(0), { headers, contentType } as object);
  await inbox.until(3);
  expect(inbox.records.map((record) => (JSON.parse(textOf(record)) as { product: string }).product)).toEqual([
    'product-0',
    'product-1',
    'product-2',
  ]);
  await rig.close();
  expect(await backDoor.depth(`${orders}.g`)).toBe(0);
});

it.each([
  ['nothing else', {}, {}],
  [
    'other properties',
    { content_type: 'text/plain', message_id: 'm' },
    { contentType: 'text/plain', millrace_id: 'm' },
  ],
])(
  'a header table that cannot be read, with %s: the message goes to the dead letters, the queue goes on',
  async (_, properties, headers) => {
    const orders = unique('orders');
    const inbox: Deliveries = new Deliveries(async (record) => {
      if (unreadableIn(record) !== undefined) await binding.deadLetter?.(letterOf(record));
      return settlements.ack;
    });
    const binding = await rig.consumer(orders, { group: 'g', deliver: inbox.deliver });
    const message = { properties, routing_key: orders, payload: 'x', payload_encoding: 'string' };
    const list = '['.repeat(10_000) + ']'.repeat(10_000);
    const body = JSON.stringify(message)
      .replace('"properties":{', `"properties":{"headers":{"list":${list}},`)
      .replace(',}', '}');
    const response = await fetch(`${rabbitmq.managementUrl}/api/exchanges/%2F/${orders}/publish`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}` },
      body,
    });
    expect(await response.json()).toEqual({ routed: true });
    await (await rig.producer(orders)).send(text('after it'));
    const [record] = await inbox.until(2);
    expect(unreadableIn(record as InboundRecord)).toMatchObject({
      code: 'PAYLOAD_UNDECODABLE',
      message: expect.stringMatching(/^the header table of the message cannot be read: RangeError/),
    });
    expect(record?.headers).toMatchObject(headers);
    const [letter] = await untilDead(`${orders}.g.dlq`, 1);
    expect(String(letter?.payload)).toBe('x');
    expect(rig.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
  },
);

it('bytes cannot be parked or dead-lettered into another queue by their own headers', async () => {
  const orders = unique('orders');
  const audit = unique('audit');
  await backDoor.use((channel) => channel.assertQueue(audit));
  const inbox = new Deliveries(({ headers }) => ({ verdict: 'requeue', delayMs: 20, headers }));
  const binding = await rig.consumer(orders, { group: 'g', delays: [20], deliver: inbox.deliver });
  await backDoor.publishRaw(orders, orders, Buffer.from('x'), { headers: { CC: [audit] } });
  const [record] = await inbox.until(3);
  await binding.deadLetter?.(letterOf(record as InboundRecord));
  await untilDead(`${orders}.g.dlq`, 1);
  expect(await backDoor.depth(audit)).toBe(0);
});

function unreadableIn(record: InboundRecord): unknown {
  try {
    record.payload?.at(0);
    return undefined;
  } catch (error) {
    return error;
  }
}

function letterOf(record: InboundRecord) {
  return {
    record,
    kind: 'failed' as const,
    code: undefined,
    errorName: 'Error',
    errorMessage: 'out of beans',
    errorStack: 'Error: out of beans',
    attempts: 1,
    binding: 'orders/g',
    group: 'g',
    time: new Date(),
  };
}
