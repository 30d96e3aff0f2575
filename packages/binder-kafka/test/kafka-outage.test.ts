import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, KeyedSenders, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

// Slow: more than a minute. What comes sooner is tested by kafka-recovery.test.ts.

let kafka: OwnKafka;

beforeAll(async () => {
  kafka = await startKafka();
}, 120_000);
afterAll(() => kafka?.stop());

let rig: Rig;
let traffic: KeyedSenders | undefined;
beforeEach(() => {
  rig = new Rig({ brokers: kafka.brokers });
});
afterEach(async () => {
  await traffic?.end();
  await rig.close();
});

it('all replicas gone for a minute: sends reject after their time, the health says why, and all resumes by itself', async () => {
  const topic = unique('orders');
  const producer = await rig.producer(topic, { partitionCount: 4 });
  const inbox = new Deliveries();
  const group = unique('baristas');
  await rig.consumer(topic, { group, deliver: inbox.deliver });
  await rig.consumer(topic, { group, deliver: inbox.deliver });
  traffic = new KeyedSenders(producer);
  await traffic.flows();
  const rejected = traffic.rejections.length;
  await kafka.kill();
  const killedAt = performance.now();
  await until(() => rig.trouble !== undefined, 15_000);
  expect(rig.trouble?.message).toMatch(/no broker answers there|does not answer|[Cc]onnection|No broker available/);
  await sleep(52_000);
  // Half a minute each: the first sends of each key, and not yet the second.
  expect(traffic.rejections.length - rejected).toBeGreaterThanOrEqual(10);
  expect(traffic.rejections.length - rejected).toBeLessThanOrEqual(20);
  await kafka.restart();
  const awayMs = performance.now() - killedAt;
  await traffic.flows();
  await traffic.end();
  const repetitions = await traffic.arrived(() => inbox.texts, { inOrder: true });
  await until(() => rig.trouble === undefined);
  process.stdout.write(
    `away for ${Math.round(awayMs / 1_000)} s: confirmed ${traffic.confirmed.length}, rejected ${traffic.rejections.length}, delivered again ${repetitions}\n`,
  );
}, 120_000);
