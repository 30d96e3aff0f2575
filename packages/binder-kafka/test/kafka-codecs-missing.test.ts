import { Deliveries, text, unique, until } from '@millrace/binder-test-suite';
import { CompressionCodecs, CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import { writeSnappyFrame } from '../src/client/snappy-frame';
import { Rig } from './rig';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

// The packages are there for the other tests; here they are not.
jest.mock('snappy', () => notInstalled('snappy'));
jest.mock('lz4-napi', () => notInstalled('lz4-napi'));
jest.mock('@mongodb-js/zstd', () => notInstalled('@mongodb-js/zstd'));
jest.mock('node:zlib', () => {
  // As before Node.js 22.15.
  const { zstdCompress, zstdDecompress, ...zlib } = jest.requireActual('node:zlib');
  return zlib;
});

function notInstalled(name: string): never {
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}

let rig: Rig;

beforeEach(() => {
  rig = new Rig({ brokers: sharedBrokers });
});
afterEach(() => rig.close());

/** Snappy that compresses nothing: one literal. */
async function literal(bytes: Buffer): Promise<Buffer> {
  if (bytes.length > 127) throw new Error('too long for this encoder');
  return Buffer.concat([Buffer.from([bytes.length, 60 << 2, bytes.length - 1]), bytes]);
}

/** A record of somebody who has the codec. */
async function foreignSnappy(topic: string): Promise<void> {
  const codecs = CompressionCodecs as unknown as Record<number, unknown>;
  const former = codecs[CompressionTypes.Snappy];
  codecs[CompressionTypes.Snappy] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => writeSnappyFrame(buffer, literal),
  });
  const client = new Kafka({ brokers: sharedBrokers, logLevel: logLevel.NOTHING });
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  try {
    await producer.connect();
    await producer.send({ topic, compression: CompressionTypes.Snappy, messages: [{ value: 'snappy', partition: 0 }] });
  } finally {
    codecs[CompressionTypes.Snappy] = former;
    await producer.disconnect();
  }
}

it.each([
  ['snappy', 'snappy'],
  ['lz4', 'lz4-napi'],
  ['zstd', '@mongodb-js/zstd'],
])('a producer that wants %s fails at its start and names %s; gzip needs nothing', async (compression, name) => {
  await expect(rig.producer(unique('orders'), { native: { compression } })).rejects.toMatchObject({
    code: 'CONFIGURATION_INVALID',
    message: expect.stringMatching(new RegExp(`orders.*compression ${compression} .*: npm install ${name}$`)),
  });
  await (await rig.producer(unique('orders'), { native: { compression: 'gzip' } })).send(text('zipped'));
});

it('a consumer that meets such a record reports it and names the package; other bindings go on', async () => {
  const topic = unique('orders');
  await rig.producer(topic, { partitionCount: 1 });
  const blocked = new Rig({ brokers: sharedBrokers });
  await blocked.consumer(topic);
  const plain = unique('orders');
  const unhurt = new Deliveries();
  await rig.consumer(plain, { deliver: unhurt.deliver });
  const producer = await rig.producer(plain);
  await foreignSnappy(topic);
  const isNamed = ({ message }: Error): boolean =>
    /compressed with a codec that is not installed: npm install snappy$/.test(message);
  // Not the first it reports: a broker that has no time to answer is a trouble as well.
  await until(
    () => blocked.troubles.some((trouble) => trouble !== undefined && isNamed(trouble)),
    20_000,
    () => blocked.troubles.join(),
  );
  expect(blocked.troubles.find((trouble) => trouble !== undefined && isNamed(trouble))).toMatchObject({
    code: 'BINDER_FAILED',
  });
  await producer.send(text('plain'));
  await unhurt.until(1);
  expect(rig.troubles).toEqual([]);
  await blocked.close();
});
