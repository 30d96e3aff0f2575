import { numbers, unique, until } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startProxy, startRabbitmq } from '@millrace/brokers';
import { Channel, Millrace } from '@millrace/core';
import { IsString } from 'class-validator';
import { binder } from '../src/index';
import { BackDoor } from './back-door';

@Channel('drinks')
class Drink {
  @IsString() name!: string;
}

const drink = (name: string): Drink => Object.assign(new Drink(), { name });

let broker: OwnRabbitmq;
let backDoor: BackDoor;

beforeAll(async () => {
  broker = await startRabbitmq();
  backDoor = new BackDoor(broker.url);
}, 120_000);
afterAll(async () => {
  await backDoor?.close();
  await broker?.stop();
});

async function application(destination: string, consumer: object = {}, url = broker.url) {
  const app = await Millrace.create({
    config: {
      app: 'bar',
      binders: { rabbit: { type: 'rabbitmq', url } },
      defaultBinder: 'rabbit',
      bindings: {
        drinks: { destination, consumer: { retry: { maxAttempts: 1 }, ...consumer } },
      },
    },
    binders: [binder],
    logger: false,
  });
  await app.start();
  return app;
}

it('a handler that throws a TypeError a thousand times: alive, all dead-lettered, nothing left in the queue', async () => {
  const destination = unique('drinks');
  const group = unique('bar');
  const app = await application(destination, { concurrency: 8, ordering: 'none' });
  let calls = 0;
  await app.sink(Drink, { group }, () => {
    calls += 1;
    const nothing = undefined as unknown as { brew(): void };
    nothing.brew();
  });
  await Promise.all(Array.from({ length: 1_000 }, (_, index) => app.send(Drink, drink(`drink ${index}`))));
  await until(() => calls === 1_000, 60_000);
  expect(app.health().status).toBe('up');
  await app.stop();
  expect(await backDoor.depth(`${destination}.${group}`)).toBe(0);
  expect(await backDoor.taken(`${destination}.${group}.dlq`)).toHaveLength(1_000);
}, 120_000);

it('a poison message at the head of the queue: dead letter with its bytes, the queue goes on', async () => {
  const destination = unique('drinks');
  const group = unique('bar');
  const poison = ['{', '', '\u0000', '{"name":5}', 'null', '\ud800'];
  const app = await application(destination);
  // The queue is there before its consumer, and the poison is first in it.
  await backDoor.use(async (channel) => {
    await channel.assertExchange(destination, 'topic', { durable: true });
    await channel.assertExchange('DLX', 'direct', { durable: true });
    await channel.assertQueue(`${destination}.${group}`, {
      durable: true,
      arguments: { 'x-dead-letter-exchange': 'DLX', 'x-dead-letter-routing-key': `${destination}.${group}` },
    });
    await channel.bindQueue(`${destination}.${group}`, destination, '#');
  });
  for (const payload of poison)
    await backDoor.publishRaw(destination, destination, Buffer.from(payload), { contentType: 'application/json' });
  await app.send(Drink, drink('after'));
  const names: string[] = [];
  await app.sink(Drink, { group }, ({ name }) => void names.push(name));
  await until(() => names.includes('after'), 40_000);
  const dead = `${destination}.${group}.dlq`;
  await until(async () => (await backDoor.taken(dead)).length === poison.length, 40_000);
  expect((await backDoor.taken(dead)).map(({ payload }) => Buffer.from(payload ?? []))).toEqual(
    poison.map((each) => Buffer.from(each)),
  );
  expect(names).toEqual(['after']);
  expect(app.health().status).toBe('up');
  await app.stop();
}, 120_000);

it('dead letters that the broker refuses are no acknowledgements: health is down, and each is written when it can be', async () => {
  const destination = unique('drinks');
  const group = unique('bar');
  const dead = `${destination}.${group}.dlq`;
  const native = { deadLetterQueue: { maxLength: 1, overflow: 'reject-publish' } };
  const app = await application(destination, { native });
  await app.sink(Drink, { group }, () => Promise.reject(new Error('out of beans')));
  const names = Array.from({ length: 6 }, (_, index) => `drink ${index}`);
  await Promise.all(names.map((name) => app.send(Drink, drink(name))));
  await until(() => app.health().status === 'down', 40_000);
  expect(JSON.stringify(app.health())).toMatch(/a queue refuses the message/);
  expect(await backDoor.depth(dead)).toBeLessThan(names.length);
  // Each time the queue is emptied there is room for another.
  const written = async (): Promise<Set<string>> =>
    new Set((await backDoor.taken(dead)).map(({ payload }) => JSON.parse(Buffer.from(payload ?? []).toString()).name));
  await until(async () => (await written()).size === names.length, 60_000);
  expect([...(await written())].sort()).toEqual(names);
  await until(() => app.health().status === 'up');
  await app.stop();
  expect(await backDoor.depth(`${destination}.${group}`)).toBe(0);
}, 120_000);

it('dead letters whose queue is gone: it is made anew for the first that finds none', async () => {
  const destination = unique('drinks');
  const group = unique('bar');
  const app = await application(destination);
  await app.sink(Drink, { group }, () => Promise.reject(new Error('out of beans')));
  await backDoor.use((channel) => channel.deleteQueue(`${destination}.${group}.dlq`));
  await app.send(Drink, drink('latte'));
  await until(async () => (await backDoor.taken(`${destination}.${group}.dlq`)).length === 1, 40_000);
  expect(app.health().status).toBe('up');
  await app.stop();
}, 120_000);

it('what waited for its turn when the connection went is begun once: when it comes again, and not before', async () => {
  await using proxy = await startProxy(broker.address);
  const destination = unique('drinks');
  const group = unique('bar');
  const app = await application(destination, {}, `amqp://${proxy.address}`);
  const begun: string[] = [];
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await app.sink(Drink, { group }, async ({ name }) => {
    begun.push(name);
    await finished;
  });
  for (const each of numbers(20)) await app.send(Drink, drink(each));
  const queue = `${destination}.${group}`;
  await until(async () => begun.length === 1 && (await backDoor.depth(queue)) === 0);
  proxy.drop();
  await until(() => app.health().status !== 'up');
  await until(() => app.health().status === 'up');
  // All have come again, and wait behind the first, which still runs.
  await until(async () => (await backDoor.depth(queue)) === 0);
  finish();
  await until(() => begun.length >= 21);
  await app.stop();
  expect(begun).toEqual(['0', ...numbers(20)]);
  expect(await backDoor.depth(queue)).toBe(0);
}, 60_000);
