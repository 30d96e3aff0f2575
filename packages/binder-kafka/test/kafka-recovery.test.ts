import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, KeyedSenders, numbers, text, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { Channel, Millrace } from '@millrace/core';
import { settlements } from '@millrace/core/spi';
import { IsString } from 'class-validator';
import { binder } from '../src/index';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

@Channel('drinks')
class Drink {
  @IsString() name!: string;
}

const drink = (name: string): Drink => Object.assign(new Drink(), { name });

let kafka: OwnKafka;
let backDoor: BackDoor;

beforeAll(async () => {
  kafka = await startKafka({ proxied: true });
  backDoor = new BackDoor(kafka.directBrokers);
}, 120_000);
afterAll(async () => {
  await backDoor?.close();
  await kafka?.stop();
});

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function newRig(brokers = kafka.brokers): Rig {
  const rig = new Rig({ brokers });
  cleanUps.push(() => rig.close());
  return rig;
}

function newTraffic(...parameters: ConstructorParameters<typeof KeyedSenders>): KeyedSenders {
  const traffic = new KeyedSenders(...parameters);
  cleanUps.push(() => traffic.end());
  return traffic;
}

/** Resolves when the broker accepts connections. */
async function portOpen(): Promise<void> {
  const [host, port] = (kafka.directBrokers[0] ?? '').split(':');
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port: Number(port) }, () => resolve(true));
      socket.once('error', () => resolve(false)).once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(5);
  }
}

describe('how soon messages flow again after a broker was killed, from its port being open', () => {
  it.each([500, 15_000])(
    'away for %i ms',
    async (awayMs) => {
      const topic = unique('orders');
      const rig = newRig();
      const producer = await rig.producer(topic, { partitionCount: 4 });
      const inbox = new Deliveries();
      await rig.consumer(topic, { deliver: inbox.deliver });
      const traffic = newTraffic(producer);
      await traffic.flows();
      await kafka.kill();
      await sleep(awayMs);
      const restarted = kafka.restart();
      await portOpen();
      const openAt = performance.now();
      const since = (): number => Math.round(performance.now() - openAt);
      const produced = traffic.flows(1).then(since);
      const before = inbox.records.length;
      const consumed = until(() => inbox.records.length > before, 40_000).then(since);
      process.stdout.write(
        `away for ${awayMs} ms: sends confirmed ${await produced} ms, records delivered ${await consumed} ms after the port was open\n`,
      );
      await restarted;
      await traffic.end();
      await traffic.arrived(() => inbox.texts, { inOrder: true });
      await until(() => rig.trouble === undefined);
      await rig.close();
      // The goal is a second; a machine that is busy with other things gets more.
      expect(await produced).toBeLessThan(5_000);
      expect(await consumed).toBeLessThan(12_000);
    },
    120_000,
  );
});

it('sends that were given up while the broker was away stand in nobody’s way when it is back', async () => {
  const topic = unique('orders');
  const producer = await newRig().producer(topic, { partitionCount: 4, native: { sendTimeout: '4s' } });
  const send = (name: string, partition: number) =>
    producer.send({ payload: Buffer.from(name), headers: {}, partition });
  for (const partition of [0, 1, 2, 3]) await send('before', partition);
  await kafka.proxy.cut();
  const given = await Promise.allSettled([0, 1, 2, 3].map((partition) => send('given up', partition)));
  expect(given.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  await kafka.proxy.restore();
  const backAt = performance.now();
  await Promise.all([0, 1, 2, 3].map((partition) => send('after', partition)));
  const backMs = Math.round(performance.now() - backAt);
  process.stdout.write(`sends confirmed ${backMs} ms after the way was open\n`);
  // The goal is a second; a machine that is busy with other things gets more.
  expect(backMs).toBeLessThan(2_000);
}, 60_000);

it('I2 a broker that goes away under a running application: sends wait up to sendTimeout, then reject; all resumes by itself', async () => {
  const topic = unique('drinks');
  const names: string[] = [];
  const events: (string | undefined)[] = [];
  const app = await Millrace.create({
    config: {
      app: 'bar',
      binders: { kafka: { type: 'kafka', brokers: kafka.brokers } },
      defaultBinder: 'kafka',
      bindings: { drinks: { destination: topic, producer: { native: { sendTimeout: '3s' } } } },
    },
    binders: [binder],
    logger: false,
  });
  app.events.on('binding', ({ trouble }) => events.push(trouble?.message));
  cleanUps.push(() => app.stop());
  await app.start();
  await app.sink(Drink, { group: unique('bar') }, ({ name }) => void names.push(name));
  await app.send(Drink, drink('before'));
  await until(() => names.length === 1);
  expect(app.health().status).toBe('up');

  await kafka.kill();
  const startedAt = performance.now();
  await expect(app.send(Drink, drink('too late'))).rejects.toMatchObject({
    code: 'SEND_FAILED',
    retryable: true,
    message: expect.stringMatching(/topic drinks.*not confirmed within sendTimeout, 3000 ms/),
  });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2_990);
  expect(performance.now() - startedAt).toBeLessThan(6_000);
  await until(() => app.health().bindings.every(({ trouble }) => trouble !== undefined));
  expect(app.health().status).toBe('down');
  const waiting = app.send(Drink, drink('waiting')).then(
    () => 'confirmed',
    () => 'rejected',
  );
  await kafka.restart();
  const outcome = await waiting;
  await app.send(Drink, drink('after'));
  await until(() => names.includes('after'), 40_000);
  if (outcome === 'confirmed') expect(names).toContain('waiting');
  await until(() => app.health().status === 'up');
  expect(events.at(-1)).toBeUndefined();
  expect(events.some((message) => message !== undefined)).toBe(true);
}, 120_000);

it('I19 many bindings that lose their broker come back neither in step nor without end', async () => {
  const rig = newRig();
  const topics = numbers(5).map(() => unique('orders'));
  const producers = await Promise.all(topics.map((topic) => rig.producer(topic)));
  const inbox = new Deliveries();
  for (const topic of [...topics, ...topics]) await rig.consumer(topic, { deliver: inbox.deliver });
  const traffic = producers.map((producer) => newTraffic(producer, { keys: 2 }));
  await Promise.all(traffic.map((each) => each.flows(20)));
  await kafka.kill();
  await sleep(1_000);
  // How many have come in each twentieth of a second.
  const arrivals: number[] = [];
  const seconds = 6;
  for (let before = kafka.proxy.accepted; arrivals.length < 20 * seconds; before = kafka.proxy.accepted) {
    await sleep(50);
    arrivals.push(kafka.proxy.accepted - before);
  }
  const all = arrivals.reduce((sum, each) => sum + each, 0);
  const clients = producers.length + 10;
  process.stdout.write(
    `${clients} clients tried to connect ${all} times in ${seconds} s, at most ${Math.max(...arrivals)} in 50 ms\n`,
  );
  expect(all).toBeGreaterThan(clients);
  expect(all).toBeLessThan(clients * seconds * 6);
  expect(arrivals.filter((each) => each > 0).length).toBeGreaterThan(15);
  await kafka.restart();
  await Promise.all(traffic.map((each) => each.flows(20)));
  await Promise.all(traffic.map((each) => each.end()));
  await until(() => rig.trouble === undefined, 40_000);
}, 120_000);

it('a place in the group that a client asked for and never heard of is given up by the next one', async () => {
  const [topic, group] = [unique('orders'), unique('baristas')];
  // Whoever does not leave is waited for much longer than this test.
  const native = { sessionTimeout: '60s', heartbeatInterval: '200ms', rebalanceDrain: '60s' };
  const direct = newRig(kafka.directBrokers);
  const producer = await direct.producer(topic, { partitionCount: 4 });
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const there = new Deliveries(() => held.then(() => settlements.ack));
  await direct.consumer(topic, { group, deliver: there.deliver, native });
  await producer.send(text('before', { partition: 0 }));
  await there.until(1);
  const away = newRig();
  const back = new Deliveries();
  const joining = away.consumer(topic, { group, deliver: back.deliver, native });
  const admin = await backDoor.admin();
  const members = async () => (await admin.describeGroups([group])).groups[0]?.members ?? [];
  // The group has its request, and answers when the handler is done.
  await until(async () => (await members()).length === 2);
  await kafka.proxy.cut();
  await until(() => away.lines.some(({ message }) => message.includes('Crash')), 40_000);
  await kafka.proxy.restore();
  release();
  const backAt = performance.now();
  await joining;
  for (const partition of [0, 1, 2, 3]) await producer.send(text('after', { partition }));
  await until(() => [...there.texts, ...back.texts].filter((each) => each === 'after').length === 4, 20_000);
  expect(performance.now() - backAt).toBeLessThan(30_000);
  expect(await members()).toHaveLength(2);
}, 120_000);

/** A member of the group as a whole application, with its own way to the broker, that works on one drink after the other. */
async function bartender(brokers: string[], topic: string, group: string) {
  const begun = new Map<string, number>();
  const app = await Millrace.create({
    config: {
      app: 'bar',
      binders: { kafka: { type: 'kafka', brokers } },
      defaultBinder: 'kafka',
      bindings: { drinks: { destination: topic, consumer: { native: { sessionTimeout: '6s' } } } },
    },
    binders: [binder],
    logger: false,
  });
  cleanUps.push(() => app.stop());
  await app.start();
  await app.sink(Drink, { group }, async ({ name }) => {
    begun.set(name, performance.now());
    await sleep(200);
  });
  return { app, begun };
}

describe('J3 a member that the group may have given up begins nothing more, though it has plenty in hand', () => {
  it.each(['stalled', 'cut off'])(
    'its way to the broker is %s for longer than its session',
    async (how) => {
      const [topic, group] = [unique('drinks'), unique('bar')];
      const producer = await newRig().producer(topic, { partitionCount: 2 });
      const away = await bartender(kafka.brokers, topic, group);
      const there = await bartender(kafka.directBrokers, topic, group);
      for (const partition of [0, 1])
        for (const each of numbers(60))
          await producer.send({
            payload: Buffer.from(JSON.stringify({ name: `${partition}:${each}` })),
            headers: { contentType: 'application/json' },
            partition,
          });
      await until(() => away.begun.size > 5 && there.begun.size > 5);
      const awayAt = performance.now();
      if (how === 'stalled') kafka.proxy.stall();
      else await kafka.proxy.cut();
      await until(() => new Set([...away.begun.keys(), ...there.begun.keys()]).size === 120, 60_000);
      const backAt = performance.now();
      if (how === 'stalled') kafka.proxy.resume();
      else await kafka.proxy.restore();
      await until(() => away.app.health().status === 'up', 40_000);
      const twice = [...away.begun].filter(([name]) => there.begun.has(name));
      process.stdout.write(`${how} for ${Math.round(backAt - awayAt)} ms: ${twice.length} begun by both\n`);
      expect(Math.max(...away.begun.values()) - awayAt).toBeLessThan(6_300);
      for (const [name, at] of twice) expect(there.begun.get(name)).toBeGreaterThan(at);
    },
    120_000,
  );
});
