import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, text, textOf, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { type InboundRecord, settlements } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

let kafka: OwnKafka;
let backDoor: BackDoor;
let rig: Rig;

beforeAll(async () => {
  kafka = await startKafka();
  backDoor = new BackDoor(kafka.brokers);
}, 120_000);
afterAll(async () => {
  await backDoor?.close();
  await kafka?.stop();
});
beforeEach(() => {
  rig = new Rig({ brokers: kafka.brokers, metadataMaxAge: '1s', patternInterval: '300ms' });
});
afterEach(() => rig.close());

async function committed(group: string, topic: string): Promise<Record<number, string>> {
  const [found] = await (await backDoor.admin()).fetchOffsets({ groupId: group, topics: [topic] });
  return Object.fromEntries((found?.partitions ?? []).map(({ partition, offset }) => [partition, offset]));
}

describe('J1, J6, J7 commits', () => {
  it('commits only the finished prefix; what is behind an unfinished record comes again, nothing else', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const inbox = new Deliveries(async (record) => {
      if (textOf(record) === '3') await held;
      return textOf(record) === '3' ? settlements.requeue : settlements.ack;
    });
    const consumer = await rig.consumer(topic, { group, deliver: inbox.deliver, native: { commitInterval: '50ms' } });
    await Promise.all(numbers(8).map((each) => producer.send(text(each, { partition: 0 }))));
    await inbox.until(8);
    await until(() => inbox.records.length === 8);
    await sleep(400);
    expect((await committed(group, topic))[0]).toBe('3');
    const closing = consumer.close();
    release();
    await closing;
    expect((await committed(group, topic))[0]).toBe('3');
    const again = new Deliveries();
    await rig.consumer(topic, { group, deliver: again.deliver });
    await again.until(5);
    expect(again.texts).toEqual(['3', '4', '5', '6', '7']);
  });

  it('a record that is given back comes again before later ones, without a hot loop; other partitions flow', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 2 });
    let refusals = 0;
    const inbox = new Deliveries((record) => {
      if (textOf(record) !== 'bad') return settlements.ack;
      refusals += 1;
      return settlements.requeue;
    });
    await rig.consumer(topic, { deliver: inbox.deliver, prefetch: 2 });
    await producer.send(text('bad', { partition: 0 }));
    for (const each of numbers(20)) await producer.send(text(each, { partition: 1 }));
    await until(() => inbox.texts.filter((each) => each !== 'bad').length === 20);
    const before = refusals;
    await sleep(1_000);
    expect(refusals - before).toBeGreaterThan(0);
    expect(refusals).toBeLessThan(40);
  });

  it('one stuck partition leaves the others flowing, although it could fill the prefetch', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 4 });
    const inbox = new Deliveries((record) => (record.partition === 0 ? new Promise(() => undefined) : settlements.ack));
    await rig.consumer(topic, { deliver: inbox.deliver, prefetch: 8 });
    await Promise.all(numbers(3_000).map((each) => producer.send(text(each.padEnd(2_000), { partition: 0 }))));
    await Promise.all(numbers(300).map((each) => producer.send(text(each, { partition: 1 + (Number(each) % 3) }))));
    await until(() => inbox.records.filter((record) => record.partition !== 0).length === 300);
  }, 40_000);

  it('one stuck record holds its partition up when so many are finished behind it, and no longer than it is stuck', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const inbox = new Deliveries(async (record) => {
      if (textOf(record) === '0') await held;
      return settlements.ack;
    });
    await rig.consumer(topic, { deliver: inbox.deliver, native: { maxUncommitted: 50 } });
    for (const each of numbers(300)) await producer.send(text(each));
    await inbox.until(50);
    // Long enough for all of them to be fetched.
    await sleep(1_000);
    expect(inbox.records.length).toBe(50);
    release();
    await inbox.until(300);
    expect(inbox.texts).toEqual(numbers(300));
  }, 40_000);
});

describe('J8 where a group starts', () => {
  const read = async (topic: string, startFrom: unknown, count: number): Promise<string[]> => {
    const inbox = new Deliveries();
    const producer = await rig.producer(topic);
    await rig.consumer(topic, { deliver: inbox.deliver, native: { startFrom } });
    await producer.send(text('new', { partition: 0 }));
    await inbox.until(count);
    return inbox.texts;
  };

  it('earliest, latest, and the first at a timestamp', async () => {
    const topic = unique('orders');
    // Or the broker would find these records too old to be kept, half a minute after its start.
    const native = { topic: { 'retention.ms': '-1' } };
    const producer = await rig.producer(topic, { partitionCount: 1, native });
    await producer.send(text('old', { timestamp: new Date('2020-01-01T00:00:00Z') }));
    await producer.send(text('middle', { timestamp: new Date('2021-01-01T00:00:00Z') }));
    expect(await read(topic, 'earliest', 3)).toEqual(['old', 'middle', 'new']);
    expect(await read(topic, 'latest', 1)).toEqual(['new']);
    expect(await read(topic, { timestamp: '2020-06-01T00:00:00Z' }, 4)).toEqual(['middle', 'new', 'new', 'new']);
  });

  it('where the group was set by hand while nobody was in it', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    const first = new Deliveries();
    const consumer = await rig.consumer(topic, { group, deliver: first.deliver });
    for (const each of numbers(6)) await producer.send(text(each));
    await first.until(6);
    await consumer.close();
    const partitions = [{ partition: 0, offset: '4' }];
    await (await backDoor.admin()).setOffsets({ groupId: group, topic, partitions });
    const again = new Deliveries();
    await rig.consumer(topic, { group, deliver: again.deliver });
    await producer.send(text('new'));
    await again.until(3);
    expect(again.texts).toEqual(['4', '5', 'new']);
  }, 40_000);

  it('a broadcast consumer misses nothing that is sent after it is bound, and leaves no group behind', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic);
    await producer.send(text('before'));
    for (let round = 0; round < 5; round += 1) {
      const inbox = new Deliveries();
      const consumer = await rig.consumer(topic, { group: undefined, deadLetter: undefined, deliver: inbox.deliver });
      await producer.send(text(`round ${round}`));
      await inbox.until(1);
      await consumer.close();
      expect(inbox.texts).toEqual([`round ${round}`]);
    }
    const { groups } = await (await backDoor.admin()).listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith('anonymous.'))).toEqual([]);
  }, 40_000);
});

describe('J13, A12 topics that change', () => {
  it('partitions that are added while it runs are read, and written', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    const inbox = new Deliveries();
    await rig.consumer(topic, { deliver: inbox.deliver });
    await producer.send(text('first', { partition: 0 }));
    await inbox.until(1);
    const admin = await backDoor.admin();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    // The broker answers before it tells others of them.
    await until(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.length === 3;
    });
    await producer.send(text('second', { partition: 2 }));
    await inbox.until(2);
    expect(inbox.records[1]?.partition).toBe(2);
    await expect(producer.send(text('third', { partition: 7 }))).rejects.toThrow(/has 3 partitions.*no partition 7/);
  }, 40_000);

  it('J15 tombstones and keys of a compacted topic', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { native: { topic: { 'cleanup.policy': 'compact' } } });
    const inbox = new Deliveries();
    await rig.consumer(topic, { deliver: inbox.deliver });
    await producer.send(text('kept', { key: 'one' }));
    await producer.send({ payload: null, headers: {}, key: 'one' });
    const records = await inbox.until(2);
    expect(records.map(({ key, payload }) => [key, payload === null])).toEqual([
      ['one', false],
      ['one', true],
    ]);
    const described = await (await backDoor.admin()).describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: ['cleanup.policy'] }],
    });
    expect(described.resources[0]?.configEntries[0]?.configValue).toBe('compact');
  });
});

describe('delayed retry', () => {
  it('parks in a topic: not before the delay, with key, headers, partition and place, outliving its consumer', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 3 });
    let parkedAt = Number.POSITIVE_INFINITY;
    const later = (record: InboundRecord) => {
      parkedAt = Date.now();
      return {
        verdict: 'requeue' as const,
        delayMs: 1_500,
        headers: { ...record.headers, millrace_attempts: 1 },
      };
    };
    const first = new Deliveries(later);
    const consumer = await rig.consumer(topic, { group, delays: [1_500], deliver: first.deliver });
    await producer.send(
      text('again', { key: 'one', partition: 2, headers: { contentType: 'text/plain', table: 'seven' } }),
    );
    await first.until(1);
    await consumer.close();
    const second = new Deliveries();
    await rig.consumer(topic, { group, delays: [1_500], deliver: second.deliver });
    const [record] = await second.until(1);
    // From the verdict on: the record may be here before its sender has the confirmation.
    expect(Date.now() - parkedAt).toBeGreaterThanOrEqual(1_490);
    expect({ ...record?.headers }).toEqual({ contentType: 'text/plain', table: 'seven', millrace_attempts: 1 });
    expect(record).toMatchObject({ destination: topic, partition: 2, key: 'one', deliveries: 1 });
    expect(record?.position).toBe(first.records[0]?.position);
    expect(await backDoor.records(`${topic}.${group}.retry.1500`)).toHaveLength(1);
  }, 40_000);

  it('a delay that nobody has configured goes to a topic made for it', async () => {
    const topic = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(topic, { partitionCount: 1 });
    const seen: number[] = [];
    const inbox = new Deliveries((record) => {
      seen.push(Date.now());
      const isFirst = record.headers.millrace_attempts === undefined;
      return isFirst
        ? {
            verdict: 'requeue',
            delayMs: textOf(record) === 'long' ? 3_000 : 1_200,
            headers: { ...record.headers, millrace_attempts: 1 },
          }
        : settlements.ack;
    });
    await rig.consumer(topic, { group, deliver: inbox.deliver, prefetch: 1 });
    await producer.send(text('long'));
    await producer.send(text('short'));
    await inbox.until(4);
    expect(inbox.texts).toEqual(['long', 'short', 'short', 'long']);
    expect((seen[2] ?? 0) - (seen[1] ?? 0)).toBeGreaterThanOrEqual(1_190);
    expect((seen[3] ?? 0) - (seen[0] ?? 0)).toBeGreaterThanOrEqual(2_990);
    expect(await backDoor.records(`${topic}.${group}.retry`)).toHaveLength(2);
  }, 40_000);
});
