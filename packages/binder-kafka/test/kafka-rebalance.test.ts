import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, text, textOf, unique, until } from '@millrace/binder-test-suite';
import { settlements } from '@millrace/core/spi';
import { AssignerProtocol, Kafka, logLevel, PartitionAssigners } from 'kafkajs';
import { Rig } from './rig';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

let rig: Rig;

beforeEach(() => {
  rig = new Rig({ brokers: sharedBrokers, metadataMaxAge: '1s' });
});
afterEach(() => rig.close());

const inTurn = async (send: (payload: string) => Promise<void>, payloads: readonly string[]): Promise<void> => {
  for (const payload of payloads) await send(payload);
};

describe('J3, J4, J5, H13 rebalances', () => {
  it('members come and go while messages flow: each message once, as handlers finish within the drain', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 4 });
    const inbox = new Deliveries(async () => {
      await sleep(5);
      return settlements.ack;
    });
    const native = { heartbeatInterval: '200ms' };
    await rig.consumer(topic, { group, deliver: inbox.deliver, native });
    const sending = inTurn((each) => producer.send(text(each, { key: each })), numbers(300));
    for (let visit = 0; visit < 3; visit += 1) {
      const guest = await rig.consumer(topic, { group, deliver: inbox.deliver, native });
      await sleep(300);
      await guest.close();
    }
    await sending;
    await until(() => new Set(inbox.texts).size === 300);
    expect(inbox.records.length).toBe(300);
  }, 60_000);

  it('a handler that outlives the drain keeps its record; the group goes on, and nothing is lost', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 2 });
    const native = { heartbeatInterval: '200ms', rebalanceDrain: '300ms' };
    const slow = new Deliveries(async (record) => {
      if (textOf(record) === 'slow') await sleep(4_000);
      return settlements.ack;
    });
    await rig.consumer(topic, { group, deliver: slow.deliver, native });
    await producer.send(text('slow', { partition: 0 }));
    await producer.send(text('slow', { partition: 1 }));
    await slow.until(2);
    const other = new Deliveries();
    await rig.consumer(topic, { group, deliver: other.deliver, native });
    // One partition went to the other member, which gets its record again; the one that stayed is not handled twice.
    await other.until(1, 10_000);
    await producer.send(text('late', { partition: 0 }));
    await producer.send(text('late', { partition: 1 }));
    await until(() => [...slow.texts, ...other.texts].filter((each) => each === 'late').length === 2);
    expect([...slow.texts, ...other.texts].filter((each) => each === 'slow').length).toBe(3);
  }, 40_000);

  it('a handler longer than the session stays in the group', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    const inbox = new Deliveries(async () => {
      await sleep(9_000);
      return settlements.ack;
    });
    await rig.consumer(topic, { deliver: inbox.deliver, native: { sessionTimeout: '6s' } });
    await producer.send(text('long'));
    await inbox.until(1);
    await sleep(10_000);
    await producer.send(text('next'));
    await inbox.until(2);
    expect(inbox.texts).toEqual(['long', 'next']);
    expect(rig.troubles).toEqual([]);
  }, 40_000);

  it('a paused member stays paused through a rebalance', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    const inbox = new Deliveries();
    const native = { heartbeatInterval: '200ms' };
    const consumer = await rig.consumer(topic, { group, deliver: inbox.deliver, native });
    await consumer.pause?.();
    const guest = await rig.consumer(topic, { group, native });
    await guest.close();
    await producer.send(text('while paused'));
    await sleep(1_000);
    expect(inbox.texts).toEqual([]);
    await consumer.resume?.();
    await inbox.until(1);
  }, 40_000);
});

describe('J14 who gets which partitions', () => {
  it('when a member joins, handlers of partitions that stay are not disturbed; only what moves comes again', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 6 });
    const native = { heartbeatInterval: '200ms', rebalanceDrain: '300ms' };
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const inboxes = [0, 1, 2].map(() => new Deliveries(() => held.then(() => settlements.ack)));
    const [first, second, third] = inboxes as [Deliveries, Deliveries, Deliveries];
    await rig.consumer(topic, { group, deliver: first.deliver, native });
    await rig.consumer(topic, { group, deliver: second.deliver, native });
    for (const partition of numbers(6).map(Number)) await producer.send(text('long', { partition }));
    const all = (): number => inboxes.reduce((sum, { records }) => sum + records.length, 0);
    await until(() => first.records.length >= 3 && second.records.length >= 3);
    const before = all();
    await rig.consumer(topic, { group, deliver: third.deliver, native });
    await third.until(2);
    release();
    for (const partition of numbers(6).map(Number)) await producer.send(text('next', { partition }));
    await until(() => inboxes.flatMap(({ texts }) => texts).filter((each) => each === 'next').length === 6);
    expect(all() - before - 6).toBe(2);
    expect(inboxes.map(({ texts }) => texts.filter((each) => each === 'next').length)).toEqual([2, 2, 2]);
  }, 60_000);

  it('a static share is read by the member it is for, and is the same after its restart', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 6 });
    const inboxes = [new Deliveries(), new Deliveries(), new Deliveries()];
    const native = { heartbeatInterval: '200ms' };
    const join = (index: number) =>
      rig.consumer(topic, {
        group,
        deliver: (inboxes[index] as Deliveries).deliver,
        instance: { index, count: 3 },
        native,
      });
    const consumers = [await join(0), await join(1), await join(2)];
    for (const round of [1, 2]) {
      for (const partition of numbers(6).map(Number)) await producer.send(text(`round ${round}`, { partition }));
      await until(() => inboxes.every(({ records }) => records.length >= 2 * round));
      await consumers[1]?.close();
      consumers[1] = await join(1);
    }
    for (const [index, { records }] of inboxes.entries())
      expect(records.map(({ partition }) => partition).sort()).toEqual([index, index, index + 3, index + 3]);
  }, 60_000);

  it("a member of another language, which uses Java's range assignor, shares the group", async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 4 });
    const inbox = new Deliveries();
    await rig.consumer(topic, { group, deliver: inbox.deliver, native: { heartbeatInterval: '200ms' } });
    const foreign: string[] = [];
    const consumer = new Kafka({ brokers: sharedBrokers, logLevel: logLevel.NOTHING }).consumer({
      groupId: group,
      partitionAssigners: [
        () => ({
          name: 'range',
          version: 1,
          protocol: ({ topics }) => ({
            name: 'range',
            metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.of() }),
          }),
          // It joins second and so never leads.
          assign: async () => [],
        }),
      ],
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
    await consumer.run({ eachMessage: async ({ message }) => void foreign.push(String(message.value)) });
    await joined;
    for (const partition of numbers(4).map(Number)) await producer.send(text(`to ${partition}`, { partition }));
    await until(() => foreign.length + inbox.records.length >= 4);
    expect([foreign.length, inbox.records.length]).toEqual([2, 2]);
    await consumer.disconnect();
  }, 40_000);

  it('a member that assigns in another way is named at the start', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    await rig.producer(topic);
    const consumer = new Kafka({ brokers: sharedBrokers, logLevel: logLevel.NOTHING }).consumer({
      groupId: group,
      partitionAssigners: [PartitionAssigners.roundRobin],
    });
    await consumer.connect();
    await consumer.subscribe({ topic });
    const joined = new Promise((resolve) => consumer.on('consumer.group_join', resolve));
    await consumer.run({ eachMessage: async () => undefined });
    await joined;
    await expect(rig.consumer(topic, { group })).rejects.toThrow(
      /other members of the group use another kind of assignment/,
    );
    await consumer.disconnect();
  }, 40_000);
});
