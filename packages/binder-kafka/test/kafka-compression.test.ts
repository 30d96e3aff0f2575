import { Deliveries, numbers, text, textOf, unique } from '@millrace/binder-test-suite';
import { readSnappyFrame, writeSnappyFrame } from '../src/client/snappy-frame';
import { Rig } from './rig';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

let rig: Rig;

beforeEach(() => {
  rig = new Rig({ brokers: sharedBrokers });
});
afterEach(() => rig.close());

// Longer than a block of snappy's frame, and not the same all over.
const long = numbers(20_000).join(' ');

it.each(['gzip', 'snappy', 'lz4', 'zstd'])('%s goes out and comes back', async (compression) => {
  const topic = unique('orders');
  const inbox = new Deliveries();
  const producer = await rig.producer(topic, { partitionCount: 1, native: { compression } });
  await rig.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text(long, { key: 'one', headers: { contentType: 'text/plain', table: 7 } }));
  await Promise.all(numbers(200).map((each) => producer.send(text(each))));
  const [first, ...others] = await inbox.until(201);
  expect(first && textOf(first)).toBe(long);
  expect({ ...first?.headers }).toEqual({ contentType: 'text/plain', table: 7 });
  expect(others.map(textOf)).toEqual(numbers(200));
  expect(rig.troubles).toEqual([]);
});

/** Asked for another codec than it gets, the broker unpacks with its own libraries, and packs again. */
it.each([
  ['gzip', 'snappy'],
  ['snappy', 'lz4'],
  ['lz4', 'zstd'],
  ['zstd', 'gzip'],
])('the broker reads our %s, and its %s is read', async (ours, itsOwn) => {
  const topic = unique('orders');
  const inbox = new Deliveries();
  const producer = await rig.producer(topic, {
    partitionCount: 1,
    native: { compression: ours, topic: { 'compression.type': itsOwn } },
  });
  await rig.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text(long));
  await Promise.all(numbers(200).map((each) => producer.send(text(each))));
  expect((await inbox.until(201)).map(textOf)).toEqual([long, ...numbers(200)]);
});

it('a record that fits only when it is compressed is sent', async () => {
  const settings = { 'max.message.bytes': '20000' };
  const producer = await rig.producer(unique('orders'), { native: { compression: 'gzip', topic: settings } });
  await producer.send(text('x'.repeat(200_000)));
  const plain = await rig.producer(unique('orders'), { native: { topic: settings } });
  await expect(plain.send(text('x'.repeat(200_000)))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
});

describe("snappy's frame", () => {
  const copy = async (bytes: Buffer): Promise<Buffer> => bytes;

  it('is read as it was written, in blocks; bare snappy is read too', async () => {
    const bytes = Buffer.from(long);
    const frame = await writeSnappyFrame(bytes, copy);
    expect(frame.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
    expect(await readSnappyFrame(frame, copy)).toEqual(bytes);
    expect(await readSnappyFrame(bytes, copy)).toEqual(bytes);
    expect(await readSnappyFrame(await writeSnappyFrame(Buffer.of(), copy), copy)).toEqual(Buffer.of());
  });

  it.each(['7fffffff', 'ffffffff', '00000005'])('a block of a wrong length (%s) is refused', async (length) => {
    const frame = Buffer.concat([Buffer.from('82534e41505059000000000100000001', 'hex'), Buffer.from(length, 'hex')]);
    await expect(readSnappyFrame(frame, copy)).rejects.toThrow(RangeError);
  });
});
