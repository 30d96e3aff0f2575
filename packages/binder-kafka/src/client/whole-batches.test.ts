import { createRequire } from 'node:module';
import fc from 'fast-check';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { arbitraryBytes, arbitraryFields } from '../../test/arbitrary-records';
import type { RecordToSend } from '../kafka-port';
import { crc32c } from './crc32c';
import { HeaderNames } from './header-names';
import { loadPlatformatic } from './platformatic-library';
import type { BatchTools } from './record-batch';
import { type ProduceRequest, produceBody, writeBatchesWhole } from './whole-batches';

/** How kafkajs writes the request itself, which it does not export. */
const clientsRequest = createRequire(__filename)('kafkajs/src/protocol/requests/produce/v7/request') as (
  wanted: ProduceRequest,
) => { encode(): Promise<{ readonly buffer: Buffer }> };

const NOW = 1_700_000_000_000;
const tools: BatchTools = { crc32c, nameOf: new HeaderNames().bytesOf, compression: undefined };

const record: fc.Arbitrary<RecordToSend> = fc.record(arbitraryFields);
/** kafkajs counts ages from the earliest of a batch, wherever that is; here it is the first. */
const inTheirOrder = (records: RecordToSend[], ages: number[]): RecordToSend[] => {
  const sorted = records.map((_, index) => ages[index % ages.length] as number).sort((one, other) => one - other);
  return records.map((each, index) => ({ ...each, timestamp: String(NOW + (sorted[index] as number)) }));
};
const untimed = fc.array(record, { minLength: 1, maxLength: 8 });
const timed = fc
  .tuple(untimed, fc.array(fc.nat(864_000_000), { minLength: 1, maxLength: 8 }))
  .map(([records, ages]) => inTheirOrder(records, ages));
const partition = fc.record({
  partition: fc.nat(1_000),
  firstSequence: fc.nat(2 ** 31 - 1),
  messages: fc.oneof(untimed, timed),
});
const topic = fc.record({
  topic: fc.string({ unit: 'binary', minLength: 1 }),
  partitions: fc.array(partition, { minLength: 1, maxLength: 3 }),
});
const writer = fc.oneof(
  fc.constant({}),
  fc.record({
    transactionalId: fc.option(fc.string({ minLength: 1 })),
    producerId: fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String)),
    producerEpoch: fc.nat(2 ** 15 - 1),
  }),
);
const wanted: fc.Arbitrary<ProduceRequest> = fc
  .tuple(writer, fc.constantFrom(-1, 1), fc.nat(60_000), fc.array(topic, { minLength: 1, maxLength: 2 }))
  .map(([who, acks, timeout, topicData]) => ({ ...who, acks, timeout, topicData }));

beforeEach(() => void jest.spyOn(Date, 'now').mockReturnValue(NOW));
afterEach(() => jest.restoreAllMocks());

it('writes, to the byte, the request that the client would write', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, async (request) => {
      const { buffer } = await clientsRequest(request).encode();
      expect(produceBody(request, NOW, tools).toString('hex')).toBe(buffer.toString('hex'));
    }),
    { numRuns: 300 },
  );
});

it('the checksum is the one that another library finds', () => {
  const library = loadPlatformatic('kafka');
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  fc.assert(fc.property(arbitraryBytes, (each) => expect(crc32c(each)).toBe(library.crc32c(each))));
});

describe('a client of 2.2.4', () => {
  const request: ProduceRequest = {
    acks: -1,
    timeout: 1_000,
    topicData: [
      { topic: 'orders', partitions: [{ partition: 0, messages: [{ key: null, value: Buffer.of(1), headers: {} }] }] },
    ],
  };
  const own = { buf: Buffer.from('own'), buffer: Buffer.from('own') };

  /** What a broker is given to send by a client whose batches are written here, where it speaks this version of the request. */
  async function sentBy(wanted: ProduceRequest, apiVersion: number): Promise<string> {
    const client = writeBatchesWhole(new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING }));
    const sent: Exchange[] = [];
    const broker: FoundBroker = {
      nodeId: '1',
      connectionPool: { send: async (exchange) => void sent.push(exchange) },
      produce(this: FoundBroker) {
        return this.connectionPool.send({ request: { apiName: 'Produce', apiVersion, encode: async () => own } });
      },
    };
    const cluster = clusterOf(client);
    cluster.brokerPool.findBroker = async () => broker;
    const found = await cluster.findBroker({ nodeId: '1' });
    expect(await cluster.findBroker({ nodeId: '1' })).toBe(found);
    expect(found.nodeId).toBe('1');
    await found.produce(wanted);
    expect(sent).toMatchObject([{ request: { apiName: 'Produce', apiVersion } }]);
    return (await (sent[0] as Exchange).request.encode()).buffer.toString('hex');
  }

  const ours = produceBody(request, NOW, tools).toString('hex');
  const clients = own.buffer.toString('hex');

  it.each([
    ['a request of version 7', request, 7, ours],
    ['one of version 3', request, 3, ours],
    ['one of version 2, whose batches have another form', request, 2, clients],
    ['one of version 9, which has another form itself', request, 9, clients],
    ['a compressed one', { ...request, compression: CompressionTypes.GZIP }, 7, clients],
  ])('%s', async (_, wanted, apiVersion, bytes) => {
    expect(await sentBy(wanted, apiVersion)).toBe(bytes);
  });

  it('that keeps its cluster elsewhere is left as it is', () => {
    const client = { producer: () => undefined as never };
    expect(writeBatchesWhole(client)).toBe(client);
  });
});

interface Exchange {
  readonly request: { readonly apiName: string; readonly apiVersion: number; encode(): Promise<{ buffer: Buffer }> };
}

interface FoundBroker {
  readonly nodeId: string;
  readonly connectionPool: { send(exchange: Exchange): Promise<void> };
  produce(wanted: ProduceRequest): Promise<void>;
}

interface FoundCluster {
  readonly brokerPool: { findBroker(): Promise<FoundBroker> };
  findBroker(node: { readonly nodeId: string }): Promise<FoundBroker>;
}

/** A cluster of the client, as its producers are given one. */
function clusterOf(client: Kafka): FoundCluster {
  const makers = client as unknown as Record<symbol, (options: object) => FoundCluster>;
  const key = Object.getOwnPropertySymbols(makers).find(({ description }) => description?.endsWith(':createCluster'));
  const create = makers[key as symbol] as (options: object) => FoundCluster;
  return create({ metadataMaxAge: 1_000 });
}
