import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, KeyedSenders, numbers, text, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { settlements } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

let kafka: OwnKafka;
let backDoor: BackDoor;
let rig: Rig;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  kafka = await startKafka({ proxied: true, properties: { 'connections.max.idle.ms': '4000' } });
  backDoor = new BackDoor(kafka.directBrokers);
}, 120_000);
afterAll(async () => {
  await backDoor?.close();
  await kafka?.stop();
});
beforeEach(() => {
  rig = new Rig({ brokers: kafka.brokers, requestTimeout: '3s' });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await rig.close();
});

const written = async (topic: string): Promise<string[]> =>
  (await backDoor.records(topic)).map(({ payload }) => String(payload));

function newTraffic(...parameters: ConstructorParameters<typeof KeyedSenders>): KeyedSenders {
  const traffic = new KeyedSenders(...parameters);
  cleanUps.push(() => traffic.end());
  return traffic;
}

describe('idempotent: true', () => {
  it('connections cut again and again while 10 keys are written: nothing lost, nothing doubled, keys in order', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 3, native: { idempotent: true } });
    const traffic = newTraffic(producer, { pauseMs: 2 });
    await traffic.flows();
    for (const _ of numbers(10)) {
      kafka.proxy.drop();
      await traffic.flows(50);
    }
    await kafka.proxy.cut();
    await sleep(2_000);
    await kafka.proxy.restore();
    await traffic.flows(50);
    await traffic.end();
    expect(traffic.rejections).toEqual([]);
    const texts = await written(topic);
    expect(await traffic.arrived(() => texts, { inOrder: true })).toBe(0);
    expect(texts.length).toBe(traffic.confirmed.length);
  }, 90_000);

  it('an answer that gets lost does not double its records; without the option it does', async () => {
    const topics = [unique('orders'), unique('orders')];
    for (const [index, topic] of topics.entries()) {
      const native = { idempotent: index === 0 };
      const producer = await rig.producer(topic, { partitionCount: 1, native });
      await producer.send(text('before'));
      kafka.proxy.stall('answers');
      const sent = producer.send(text('once'));
      const seen = (): Promise<string[]> => written(topic);
      while (!(await seen()).includes('once')) await sleep(20);
      kafka.proxy.drop();
      kafka.proxy.resume();
      await sent;
      await producer.send(text('after'));
    }
    expect(await written(topics[0] ?? '')).toEqual(['before', 'once', 'after']);
    expect(await written(topics[1] ?? '')).toEqual(['before', 'once', 'once', 'after']);
  }, 60_000);
});

describe('I7 what the broker ends is opened again by itself', () => {
  it('connections that were idle for too long', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic);
    const inbox = new Deliveries();
    await rig.consumer(topic, { deliver: inbox.deliver });
    for (const each of numbers(3)) {
      await producer.send(text(each));
      await inbox.until(Number(each) + 1);
      const before = kafka.proxy.connections;
      await until(() => kafka.proxy.connections < before, 15_000);
    }
    await producer.send(text('last'));
    await inbox.until(4);
    expect(inbox.texts).toEqual(['0', '1', '2', 'last']);
    expect(rig.troubles.filter((trouble) => trouble !== undefined)).toEqual([]);
  }, 60_000);

  it('the place of a member that was silent for longer than its session; others are not touched', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 2 });
    // Past the proxy, so that only the other member falls silent.
    const direct = new Rig({ brokers: kafka.directBrokers });
    cleanUps.push(() => direct.close());
    const inboxes = [new Deliveries(), new Deliveries()];
    const native = { sessionTimeout: '6s', heartbeatInterval: '500ms' };
    await direct.consumer(topic, { group, deliver: (inboxes[0] as Deliveries).deliver, native });
    await rig.consumer(topic, { group, deliver: (inboxes[1] as Deliveries).deliver, native });
    const texts = (): string[] => inboxes.flatMap((inbox) => inbox.texts);
    const sendBoth = async (name: string): Promise<void> => {
      const send = (partition: number) => insist(() => producer.send(text(`${name}${partition}`, { partition })));
      await Promise.all([send(0), send(1)]);
    };
    await sendBoth('before');
    await until(() => texts().length === 2);
    kafka.proxy.stall();
    await until(() => rig.trouble !== undefined, 15_000);
    await sleep(7_000);
    kafka.proxy.resume();
    await sendBoth('after');
    await until(() => ['after0', 'after1'].every((each) => texts().includes(each)), 40_000);
    await until(() => rig.trouble === undefined, 20_000);
    // Both are members again.
    for (
      let round = 0;
      (inboxes[1] as Deliveries).texts.filter((each) => each.startsWith('again')).length === 0;
      round += 1
    ) {
      await sendBoth(`again ${round} `);
      await sleep(200);
    }
    expect(direct.troubles).toEqual([]);
  }, 90_000);
});

describe('I6, I10 slow and broken lines', () => {
  it('a line with a delay of 200 ms each way carries messages, and nobody is expelled', async () => {
    const topic = unique('orders');
    kafka.proxy.delay(200);
    try {
      const producer = await rig.producer(topic, { partitionCount: 2 });
      const inbox = new Deliveries();
      await rig.consumer(topic, { deliver: inbox.deliver });
      await Promise.all(numbers(500).map((each) => producer.send(text(each, { key: each }))));
      await inbox.until(500);
      expect(new Set(inbox.texts).size).toBe(500);
      expect(inbox.records.length).toBe(500);
      expect(rig.troubles).toEqual([]);
    } finally {
      kafka.proxy.delay(0);
    }
  }, 60_000);

  it('a line that is half-open for half a minute: nothing is lost, keys keep their order', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 4, native: { sendTimeout: '60s' } });
    const inbox = new Deliveries(async () => settlements.ack);
    await rig.consumer(topic, { deliver: inbox.deliver });
    const traffic = newTraffic(producer);
    await traffic.flows();
    kafka.proxy.stall();
    await until(() => rig.trouble !== undefined, 15_000);
    await sleep(27_000);
    kafka.proxy.resume();
    await traffic.flows(100, 60_000);
    await traffic.end();
    await traffic.arrived(() => inbox.texts, { inOrder: true });
    expect(traffic.rejections).toEqual([]);
    await until(() => rig.trouble === undefined);
  }, 120_000);
});

/** Sends again until the broker has it, as an application would. */
async function insist(send: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await send();
    } catch {
      await sleep(100);
    }
  }
}
