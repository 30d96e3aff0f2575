import { once } from 'node:events';
import { createServer } from 'node:net';
import { Deliveries, numbers, text, textOf, unique } from '@millrace/binder-test-suite';
import { Kafka, logLevel } from 'kafkajs';
import { kafkajsPort } from '../src/client/kafka-client';
import { loadPlatformatic } from '../src/client/platformatic-library';
import { PlatformaticProducer } from '../src/client/platformatic-producer';
import type { ProducerPort, RecordToSend } from '../src/kafka-port';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

const rigs: Rig[] = [];
const ports: ProducerPort[] = [];

function newRig(producer: 'kafkajs' | 'platformatic' = 'platformatic'): Rig {
  const rig = new Rig({ brokers: sharedBrokers, client: { producer } });
  rigs.push(rig);
  return rig;
}

afterEach(async () => {
  for (const port of ports.splice(0)) await port.disconnect();
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

/** The port itself, which waits for nobody. */
function newPort(brokers: string[] = sharedBrokers): ProducerPort {
  const options = {
    brokers,
    clientId: 'port',
    ssl: undefined,
    sasl: undefined,
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    retry: { initial: 50, max: 100, retries: 2 },
    metadataMaxAge: 30_000,
  };
  const { debug } = console;
  const logger = { debug, info: debug, warn: debug, error: debug };
  const wanted = {
    compression: 'none' as const,
    idempotent: false,
    sendTimeout: 30_000,
    routes: kafkajsPort(options, logger).routes(),
  };
  const port = new PlatformaticProducer(loadPlatformatic('kafka'), options, wanted);
  ports.push(port);
  return port;
}

const plain = (value: string, changes: Partial<RecordToSend> = {}): RecordToSend => ({
  key: null,
  value: Buffer.from(value),
  headers: {},
  ...changes,
});

/** A topic with so many partitions. */
async function newTopic(partitionCount: number, settings: Record<string, string> = {}): Promise<string> {
  const topic = unique('orders');
  await newRig('kafkajs').producer(topic, { partitionCount, native: { topic: settings } });
  return topic;
}

it('writes what kafkajs writes: keys, tombstones, headers with several values, timestamps, partitions', async () => {
  const timestamp = new Date('2026-11-21T10:00:00.123Z');
  const records = [
    text('keyed', {
      key: 'one',
      timestamp,
      headers: { contentType: 'text/plain', table: 7, flag: true, list: [1, 'a'] },
    }),
    text('placed', { partition: 2, timestamp, headers: { bytes: Buffer.of(0, 255), empty: '' } }),
    { payload: null, key: 'gone', timestamp, headers: {} },
    text('', { key: 'ключ', timestamp, headers: { имя: 'значение' } }),
    text('early', { key: 'one', timestamp: new Date(timestamp.getTime() - 5_000) }),
    text('long before', { key: 'one', timestamp: new Date('1999-12-31T00:00:00Z') }),
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
}, 60_000);

it.each(['gzip', 'snappy', 'lz4', 'zstd'])('%s goes out and comes back', async (compression) => {
  const topic = unique('orders');
  const inbox = new Deliveries();
  const long = numbers(100_000).join(' ');
  const rig = newRig();
  const producer = await rig.producer(topic, { partitionCount: 1, native: { compression } });
  await rig.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text(long));
  await Promise.all(numbers(200).map((each) => producer.send(text(each))));
  expect((await inbox.until(201)).map(textOf)).toEqual([long, ...numbers(200)]);
  expect(rig.troubles).toEqual([]);
});

it('numbered requests go over kafkajs: each record once, in order', async () => {
  const topic = unique('orders');
  const rig = newRig();
  const inbox = new Deliveries();
  await rig.consumer(topic, { deliver: inbox.deliver });
  const producer = await rig.producer(topic, { partitionCount: 1, native: { idempotent: true } });
  await Promise.all(numbers(2_000).map((each) => producer.send(text(each, { partition: 0 }))));
  expect((await inbox.until(2_000)).map(textOf)).toEqual(numbers(2_000));
}, 60_000);

describe('the port', () => {
  it('writes several values of one name, in their order', async () => {
    const topic = await newTopic(1);
    const port = newPort();
    await port.connect();
    await port.send(topic, [
      plain('a', { headers: { tag: [Buffer.from('1'), Buffer.from('2')], one: Buffer.from('3') } }),
    ]);
    expect(await wireRecords(topic, 1)).toMatchObject([
      { headers: { tag: [Buffer.from('1'), Buffer.from('2')], one: Buffer.from('3') } },
    ]);
  }, 60_000);

  it('rejects what one partition does not take, by the name of the error; what others took stays', async () => {
    const topic = await newTopic(2, { 'max.message.bytes': '1000' });
    const port = newPort();
    const sent = port.send(topic, [plain('x'.repeat(2_000), { partition: 0 }), plain('small', { partition: 1 })]);
    await expect(sent).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE', retriable: false, topic });
    expect(await wireRecords(topic, 1)).toMatchObject([{ partition: 1, value: Buffer.from('small') }]);
  }, 60_000);

  it('tells why a record is refused', async () => {
    const topic = await newTopic(1, { 'cleanup.policy': 'compact' });
    const sent = newPort().send(topic, [plain('without a key')]);
    await expect(sent).rejects.toMatchObject({ type: 'INVALID_RECORD', message: expect.stringContaining('key') });
  }, 60_000);

  it('knows of no topic, no partition', async () => {
    const unknown = { type: 'UNKNOWN_TOPIC_OR_PARTITION' };
    await expect(newPort().send(unique('nowhere'), [plain('a')])).rejects.toMatchObject(unknown);
    await expect(newPort().send(await newTopic(1), [plain('a', { partition: 3 })])).rejects.toMatchObject(unknown);
  }, 60_000);

  it('goes on over new connections when those that it has are dropped', async () => {
    const topic = await newTopic(1);
    const port = newPort();
    for (const each of numbers(20)) {
      const sent = port.send(topic, [plain(each)]);
      if (Number(each) % 4 === 3) port.dropConnections();
      await sent;
    }
    const backDoor = new BackDoor(sharedBrokers);
    const found = (await backDoor.records(topic)).map(({ payload }) => String(payload));
    await backDoor.close();
    // Whose answer was lost may stand there twice.
    expect([...new Set(found)]).toEqual(numbers(20));
  }, 60_000);

  it('is closed at once where nobody answers, and rejects what is under way', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port: number } = silent.address() as { port: number };
      const port = newPort([`127.0.0.1:${number}`]);
      const calls = [port.connect(), port.send('orders', [plain('a')])];
      const ends = Promise.allSettled(calls);
      await once(silent, 'connection');
      const startedAt = performance.now();
      await port.disconnect();
      expect((await ends).map((end) => `${(end as PromiseRejectedResult).reason}`)).toEqual(
        Array(2).fill('Error: the client is closed'),
      );
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    } finally {
      silent.close();
    }
  });

  it('says where nobody listens', async () => {
    await expect(newPort(['127.0.0.1:1']).connect()).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});
