import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, KeyedSenders, numbers, text, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafkaCluster, startKafkaCluster } from '@millrace/brokers';
import type { OutboundRecord } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

let cluster: OwnKafkaCluster;
let backDoor: BackDoor;
let rig: Rig;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  // Leaders go back to the first of their copies soon after a broker is there again.
  const properties = { 'leader.imbalance.check.interval.seconds': '2' };
  cluster = await startKafkaCluster({ size: 3, properties });
  backDoor = new BackDoor(cluster.brokers);
}, 300_000);
afterAll(async () => {
  await backDoor?.close();
  await cluster?.stop();
});
beforeEach(() => {
  rig = new Rig({ brokers: cluster.brokers, requestTimeout: '5s', replicationFactor: 2 });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await rig?.close();
});

function newTraffic(...parameters: ConstructorParameters<typeof KeyedSenders>): KeyedSenders {
  const traffic = new KeyedSenders(...parameters);
  cleanUps.push(() => traffic.end());
  return traffic;
}

const node = (id: number) => cluster.nodes[id - 1] as OwnKafkaCluster['nodes'][number];

/** What two members of a group get of the topic, in the order of time. */
async function delivered(topic: string, group: string): Promise<() => string[]> {
  const inbox = new Deliveries();
  for (let member = 0; member < 2; member += 1) await rig.consumer(topic, { group, deliver: inbox.deliver });
  return () => inbox.texts;
}

async function leaders(topic: string): Promise<number[]> {
  const { topics } = await (await backDoor.admin()).fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  return partitions.sort((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader);
}

/** Kills a node when others have all that it has: otherwise its partitions would be gone with it, and rightly so. */
async function kill(id: number, topic: string): Promise<void> {
  for (const name of [topic, '__consumer_offsets']) {
    const inStep = async (): Promise<boolean> => {
      const { topics } = await (await backDoor.admin()).fetchTopicMetadata({ topics: [name] });
      return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
    };
    while (!(await inStep())) await sleep(200);
  }
  await node(id).kill();
}

/** All that the topic holds. Leaders may just be going back to where they were. */
async function recordsOf(topic: string): Promise<string[]> {
  for (;;) {
    try {
      return (await backDoor.records(topic)).map(({ payload }) => String(payload));
    } catch (error) {
      if (!/leader/.test(String(error))) throw error;
      await sleep(200);
    }
  }
}

/** A name whose group is coordinated by this node. */
async function groupOn(id: number): Promise<string> {
  let offsets = await leaders('__consumer_offsets');
  while (!offsets.includes(id)) {
    await sleep(500);
    offsets = await leaders('__consumer_offsets');
  }
  for (;;) {
    const group = unique('baristas');
    const hash = [...group].reduce((sum, char) => (Math.imul(31, sum) + char.charCodeAt(0)) | 0, 0);
    if (offsets[(hash & 0x7fffffff) % offsets.length] === id) return group;
  }
}

const print = (traffic: KeyedSenders, repetitions: number): void => {
  const { confirmed, rejections } = traffic;
  process.stdout.write(
    `confirmed ${confirmed.length}, rejected ${rejections.length}, delivered again ${repetitions}\n`,
  );
};

it.each([false, true])(
  'I9 a broker is killed, then another (idempotent: %s): sends go on, nothing is lost, keys keep their order',
  async (idempotent) => {
    const topic = unique('orders');
    const native = { idempotent, topic: { 'min.insync.replicas': '1' } };
    const producer = await rig.producer(topic, { partitionCount: 6, native });
    const texts = await delivered(topic, unique('baristas'));
    const traffic = newTraffic(producer);
    await traffic.flows();
    for (const id of [2, 3]) {
      await kill(id, topic);
      await traffic.flows(300);
      await node(id).restart();
      await traffic.flows();
    }
    await traffic.end();
    print(traffic, await traffic.arrived(texts, { inOrder: true }));
    expect(traffic.rejections).toEqual([]);
    const written = await recordsOf(topic);
    expect(new Set(written).size).toBe(traffic.confirmed.length);
    if (idempotent) expect(written.length).toBe(traffic.confirmed.length);
  },
  180_000,
);

it('a leader that is away holds up its own partitions only; the others are written on, each record once', async () => {
  const topic = unique('orders');
  const single = new Rig({ brokers: cluster.brokers, requestTimeout: '5s', replicationFactor: 1 });
  cleanUps.push(() => single.close());
  const native = { sendTimeout: '60s', topic: { 'min.insync.replicas': '1' } };
  const producer = await single.producer(topic, { partitionCount: 6, native });
  const led = await leaders(topic);
  const confirmed = led.map(() => 0);
  const slowest = led.map(() => 0);
  let isOver = false;
  const senders = led.map(async (_, partition) => {
    while (!isOver) {
      const startedAt = performance.now();
      const [one, other] = ['', '+'].map((mark) => text(`${partition}:${confirmed[partition]}${mark}`, { partition }));
      await Promise.all([producer.send(one as OutboundRecord), producer.send(other as OutboundRecord)]);
      slowest[partition] = Math.max(slowest[partition] ?? 0, performance.now() - startedAt);
      confirmed[partition] = (confirmed[partition] ?? 0) + 1;
      await sleep(5);
    }
  });
  const all = Promise.all(senders);
  all.catch(() => undefined);
  cleanUps.push(async () => {
    isOver = true;
    await all.catch(() => undefined);
  });
  const flow = async (partitions: readonly number[], count: number): Promise<void> => {
    const wanted = confirmed.map((each) => each + count);
    await until(
      () => partitions.every((each) => (confirmed[each] ?? 0) >= (wanted[each] ?? 0)),
      40_000,
      () => confirmed.join(),
    );
  };
  const every = led.map((_, partition) => partition);
  await flow(every, 50);
  await node(3).kill();
  const reachable = every.filter((partition) => led[partition] !== 3);
  await until(() => single.trouble !== undefined);
  for (const partition of reachable) slowest[partition] = 0;
  const before = [...confirmed];
  await flow(reachable, 500);
  process.stdout.write(`slowest sends to other leaders: ${slowest.map(Math.round).join()} ms\n`);
  for (const partition of every) {
    if (led[partition] === 3) expect(confirmed[partition]).toBe(before[partition]);
    else expect(slowest[partition]).toBeLessThan(3_000);
  }
  expect(single.trouble).toBeDefined();
  await node(3).restart();
  await flow(every, 50);
  isOver = true;
  await all;
  await until(() => single.trouble === undefined);
  const written = await recordsOf(topic);
  for (const partition of every) {
    const own = written.filter((each) => each.startsWith(`${partition}:`));
    const wanted = numbers(confirmed[partition] ?? 0).flatMap((each) => [
      `${partition}:${each}`,
      `${partition}:${each}+`,
    ]);
    if (led[partition] === 3) expect([...new Set(own)]).toEqual(wanted);
    else expect(own).toEqual(wanted);
  }
}, 180_000);

it('I9 one broker is away, two, all, and all come back: what was sent is what was received', async () => {
  const topic = unique('orders');
  const all = new Rig({ brokers: cluster.brokers, requestTimeout: '5s', replicationFactor: 3 });
  cleanUps.push(() => all.close());
  const producer = await all.producer(topic, { partitionCount: 6 });
  const texts = await delivered(topic, unique('baristas'));
  const traffic = newTraffic(producer);
  await traffic.flows();
  for (const id of [3, 2]) {
    await node(id).kill();
    await traffic.flows(200);
  }
  await node(1).kill();
  await until(() => all.trouble !== undefined && rig.trouble !== undefined);
  await Promise.all([1, 2, 3].map((id) => node(id).restart()));
  await traffic.flows();
  await traffic.end();
  print(traffic, await traffic.arrived(texts, { inOrder: true }));
  await until(() => all.trouble === undefined && rig.trouble === undefined);
}, 180_000);

it('leaders that move, without a broker ending, are followed', async () => {
  const topic = unique('orders');
  const producer = await rig.producer(topic, { partitionCount: 4 });
  const texts = await delivered(topic, unique('baristas'));
  const traffic = newTraffic(producer);
  await traffic.flows();
  for (const id of [1, 2, 3]) {
    const partitionAssignment = numbers(4).map((each) => ({ partition: Number(each), replicas: [id] }));
    await (await backDoor.admin()).alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    while ((await leaders(topic)).some((leader) => leader !== id)) await traffic.flows(10);
    await traffic.flows();
  }
  await traffic.end();
  print(traffic, await traffic.arrived(texts, { inOrder: true }));
  expect(traffic.rejections).toEqual([]);
}, 120_000);

it('the coordinator of a group is killed: the members find the next one, which knows their positions', async () => {
  const topic = unique('orders');
  const producer = await rig.producer(topic, { partitionCount: 4 });
  // The topic of the groups is made for the first one.
  await rig.consumer(topic);
  const group = await groupOn(2);
  const texts = await delivered(topic, group);
  await Promise.all(numbers(200).map((each) => producer.send(text(each, { key: each }))));
  await until(() => texts().length === 200);
  for (let sum = 0; sum < 200; ) {
    const [found] = await (await backDoor.admin()).fetchOffsets({ groupId: group, topics: [topic] });
    sum = (found?.partitions ?? []).reduce((all, { offset }) => all + Math.max(0, Number(offset)), 0);
  }
  const killedAt = Date.now();
  await kill(2, topic);
  await producer.send(text('after'));
  await until(() => texts().includes('after'), 40_000);
  process.stdout.write(`consumed again ${Date.now() - killedAt} ms after the coordinator was killed\n`);
  await node(2).restart();
  // What was committed does not come again; what was handled while the coordinator was away may.
  expect(texts().filter((each) => each !== 'after').length).toBe(200);
}, 120_000);
