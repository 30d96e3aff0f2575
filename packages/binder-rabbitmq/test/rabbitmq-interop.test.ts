import { gzipSync } from 'node:zlib';
import { unique, until } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startRabbitmq } from '@millrace/brokers';
import { type Application, Channel, Millrace, RetryLater } from '@millrace/core';
import { IsNumber, IsString } from 'class-validator';
import { binder } from '../src/index';
import { BackDoor } from './back-door';
import { foreignCases, type SpringMessage, springMessages } from './fixture';

/** As far as Spring's application has it, too. */
@Channel('orders')
class Order {
  @IsString() id!: string;
  @IsString() product!: string;
  @IsNumber() quantity!: number;
}

let rabbitmq: OwnRabbitmq;
let backDoor: BackDoor;
const applications: Application[] = [];

beforeAll(async () => {
  rabbitmq = await startRabbitmq();
  backDoor = new BackDoor(rabbitmq.url);
}, 120_000);
afterEach(async () => {
  await Promise.all(applications.splice(0).map((app) => app.stop()));
});
afterAll(async () => {
  await backDoor?.close();
  await rabbitmq?.stop();
});

async function application(destination: string, consumer: object = { retry: { maxAttempts: 1 } }) {
  const app = await Millrace.create({
    config: {
      app: 'bar',
      binders: { rabbit: { type: 'rabbitmq', url: rabbitmq.url } },
      defaultBinder: 'rabbit',
      bindings: { orders: { destination, consumer } },
    },
    binders: [binder],
    logger: false,
  });
  applications.push(app);
  await app.start();
  return app;
}

/** An application with a sink that remembers what it gets. */
async function reader(destination: string): Promise<Order[]> {
  const seen: Order[] = [];
  await (await application(destination)).sink(Order, { group: 'bar' }, (order) => void seen.push(order));
  return seen;
}

async function deadLetters(destination: string, count: number) {
  const queue = `${destination}.bar.dlq`;
  await until(async () => (await backDoor.taken(queue)).length >= count);
  return backDoor.taken(queue);
}

it('attempts and rungs are counted on when another instance goes on', async () => {
  const orders = unique('orders');
  const attempts: number[] = [];
  const start = async (): Promise<Application> => {
    const app = await application(orders, { retry: { maxAttempts: 1, delays: ['300ms', '300ms'] } });
    await app.sink(Order, { group: 'bar' }, (_, message) => {
      attempts.push(message.attempt);
      if (message.attempt === 1) throw new RetryLater('200ms');
      throw new Error('out of beans');
    });
    return app;
  };
  const first = await start();
  await first.send(Order, Object.assign(new Order(), { id: '1', product: 'latte', quantity: 1 }));
  await until(() => attempts.length === 1);
  await first.stop();
  await start();
  const [letter] = await deadLetters(orders, 1);
  expect(attempts).toEqual([1, 2, 3, 4]);
  expect(letter?.headers).toMatchObject({ millrace_deadLetterAttempts: 4, 'x-exception-message': 'out of beans' });
}, 60_000);

describe('what Spring has written', () => {
  async function received(messages: readonly SpringMessage[], count: number): Promise<Order[]> {
    const orders = unique('orders');
    const seen = await reader(orders);
    for (const { body, properties, typed } of messages)
      await backDoor.publishRaw(orders, orders, body, { ...(properties as object), headers: typed });
    await until(() => seen.length >= count);
    expect(await backDoor.depth(`${orders}.bar.dlq`)).toBe(0);
    return seen;
  }

  it.each(['pojo', 'headers', 'mime', 'keyed'])('%s: each is read as an instance of the class', async (name) => {
    const all = [...springMessages(name).values()].flat();
    // One of `mime` is text that was sent as JSON, and is none of the class.
    const messages = all.filter(({ body }) => String(body).startsWith('{'));
    const orders = await received(messages, messages.length);
    for (const order of orders) expect(order).toBeInstanceOf(Order);
    expect(orders).toMatchObject(messages.map(({ body }) => JSON.parse(String(body)) as object));
  });

  it('a batch of three and a single one: four, in their order', async () => {
    const orders = await received(springMessages('rbatch').get('fx.rbatch.cap') ?? [], 4);
    expect(orders.map(({ product }) => product)).toEqual([0, 1, 2, 3].map((index) => `product-${index}`));
  });

  it('what it has compressed', async () => {
    const [pojo] = springMessages('pojo').get('fx.pojo.cap') ?? [];
    const packed = { ...(pojo as SpringMessage), body: gzipSync(pojo?.body ?? '') };
    const properties = { ...packed.properties, contentEncoding: 'gzip' };
    const [order] = await received([{ ...packed, properties, typed: { springAutoDecompress: true } }], 1);
    expect(order).toMatchObject({ product: 'product-1', quantity: 2 });
  });
});

describe('what other clients send to five kinds of Spring’s consumers', () => {
  /** Neither JSON of the class, nor a content type that may hold it. All others are read, more than Spring does. */
  const invalid = new Set([
    ...['ct-text-plain', 'ct-text-quoted', 'ct-octet', 'ct-xml', 'ct-garbage', 'ct-in-headers-and-property'],
    ...['bad-json', 'json-array', 'missing-fields', 'null-primitive', 'number-as-string', 'empty-body'],
    ...['text-body-no-header', 'text-body-text-plain', 'text-body-json', 'json-string-body', 'encoding-gzip-flag-only'],
  ]);

  it.each(foreignCases().map((each) => [each.id, each] as const))('%s', async (id, { sent }) => {
    const orders = unique('orders');
    const seen = await reader(orders);
    const { body, routingKey = orders, via, headers, ...properties } = sent;
    const [exchange, key] = via === undefined ? [orders, routingKey] : ['', `${orders}.bar`];
    await backDoor.publishRaw(exchange, key, Buffer.from(body), { ...properties, headers: { ...headers } });
    if (invalid.has(id)) {
      const [letter] = await deadLetters(orders, 1);
      expect(String(letter?.payload)).toBe(body);
      expect(letter?.headers).toMatchObject({ millrace_deadLetterKind: 'invalid', 'x-original-exchange': exchange });
    } else {
      await until(() => seen.length > 0);
      expect(seen).toMatchObject([{ id, product: 'p' }]);
    }
  });
});

it.each([
  ['a bomb', gzipSync(Buffer.alloc(70 * 1024 * 1024)), { contentEncoding: 'gzip' }, 'PAYLOAD_TOO_LARGE'],
  ['a batch that is none', 'x', { headers: { springBatchFormat: 'lengthHeader4' } }, 'PAYLOAD_UNDECODABLE'],
  [
    'headers that lie',
    '{',
    { headers: { 'x-death': 'never', priority: 'high', 'retry-count': 'x' } },
    'PAYLOAD_UNDECODABLE',
  ],
])(
  '%s goes to the dead letters as it came, and what is behind it is read',
  async (_, body, options, code) => {
    const orders = unique('orders');
    const seen = await reader(orders);
    await backDoor.publishRaw(orders, orders, Buffer.from(body), options);
    await backDoor.publishRaw(orders, orders, Buffer.from('{"id":"1","product":"latte","quantity":1}'));
    await until(() => seen.length === 1);
    const [letter] = await deadLetters(orders, 1);
    expect(Buffer.from(letter?.payload ?? []).equals(Buffer.from(body))).toBe(true);
    expect(letter?.headers).toMatchObject({ millrace_deadLetterCode: code });
  },
  30_000,
);
