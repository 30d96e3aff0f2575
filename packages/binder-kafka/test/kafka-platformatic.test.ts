import { Kafka, logLevel } from 'kafkajs';
import { loadPlatformatic } from '../src/client/platformatic-library';
import { Inbox, numbers, Rig, text, textOf, unique } from './rig';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

const rigs: Rig[] = [];

function newRig(producer: 'kafkajs' | 'platformatic' = 'platformatic'): Rig {
  const rig = new Rig({ brokers: sharedBrokers, client: { producer } });
  rigs.push(rig);
  return rig;
}

afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

/** Records as they stand on the wire, in the order of their offsets. */
async function wireRecords(topic: string, count: number): Promise<object[]> {
  const client = new Kafka({ brokers: sharedBrokers, logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: unique('reader'), maxWaitTimeInMs: 50 });
  const found: object[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((done) => {
      void consumer.run({
        eachMessage: async ({ partition, message: { key, value, headers, timestamp } }) => {
          found.push({ partition, key, value, headers, timestamp });
          if (found.length === count) done();
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
  return found;
}

it('writes what kafkajs writes: keys, tombstones, headers with several values, timestamps, partitions', async () => {
  const timestamp = new Date('2026-11-21T10:00:00.123Z');
  const records = [
    text('keyed', { key: 'one', timestamp, headers: { contentType: 'text/plain', table: 7, flag: true, list: [1, 'a'] } }),
    text('placed', { partition: 2, timestamp, headers: { bytes: Buffer.of(0, 255), empty: '' } }),
    { payload: null, key: 'gone', timestamp, headers: {} },
    text('', { key: 'ключ', timestamp, headers: { 'имя': 'значение' } }),
    text('early', { key: 'one', timestamp: new Date(timestamp.getTime() - 5_000) }),
    text('long'.repeat(20_000), { key: 'one', timestamp }),
  ];
  const written = await Promise.all(
    (['kafkajs', 'platformatic'] as const).map(async (producer) => {
      const topic = unique('orders');
      const binding = await newRig(producer).producer(topic, { partitionCount: 3 });
      await Promise.all(records.map((record) => binding.send(record)));
      return (await wireRecords(topic, records.length)).map((each) => JSON.stringify(each)).sort();
    }),
  );
  expect(written[1]).toEqual(written[0]);
});

it.each(['gzip', 'snappy', 'lz4', 'zstd'])('%s goes out and comes back', async (compression) => {
  const topic = unique('orders');
  const inbox = new Inbox();
  const long = numbers(100_000).join(' ');
  const rig = newRig();
  const producer = await rig.producer(topic, { partitionCount: 1, native: { compression } });
  await rig.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text(long));
  await Promise.all(numbers(200).map((each) => producer.send(text(each))));
  expect((await inbox.until(201)).map(textOf)).toEqual([long, ...numbers(200)]);
  expect(rig.troubles).toEqual([]);
});
