import type { Kafka, Message, ProducerConfig, ProducerRecord, RecordMetadata } from 'kafkajs';
import type { RecordToSend } from '../kafka-port';
import { KafkaRoutes } from './kafka-routes';
import { KafkajsProducer } from './kafkajs-producer';
import type { ClientOptions } from './kafkajs-settings';

const options: ClientOptions = {
  brokers: [],
  clientId: 'test',
  ssl: undefined,
  sasl: undefined,
  connectionTimeout: 1_000,
  requestTimeout: 1_000,
  retry: { initial: 1, max: 1, retries: 5 },
  metadataMaxAge: 1_000,
};
const record = (value: string, partition: number): RecordToSend => ({
  key: null,
  value: Buffer.from(value),
  headers: {},
  partition,
});
const refused = () => Object.assign(new Error('not the leader'), { type: 'NOT_LEADER_FOR_PARTITION', retriable: true });

/** Answers each request as told; what was in it stands in `requests`. */
function producerThat(answer: (values: readonly string[]) => void, idempotent = false) {
  const requests: string[] = [];
  const configs: ProducerConfig[] = [];
  const send = async ({ topic, messages }: ProducerRecord): Promise<RecordMetadata[]> => {
    const values = messages.map(({ value }) => String(value));
    requests.push(values.join());
    answer(values);
    return messages.map(({ partition = 0 }: Message) => ({ topicName: topic, partition, errorCode: 0 }));
  };
  const producer = (config: ProducerConfig) => {
    configs.push(config);
    return { send, connect: async () => undefined, disconnect: async () => undefined };
  };
  const wanted = { compression: 'none', idempotent, sendTimeout: 30_000, routes: new KafkaRoutes() } as const;
  const client = new KafkajsProducer(() => ({ producer }) as unknown as Kafka, options, wanted);
  return { client, requests, configs };
}

const told: string[] = [];
const written = (records: readonly RecordToSend[]): void =>
  void told.push(...records.map(({ value }) => String(value)));
beforeEach(() => told.splice(0));

it('while one partition is refused again and again, those beside it are written once more at most', async () => {
  let refusals = 3;
  const { client, requests } = producerThat((values) => {
    if (values.includes('b') && refusals-- > 0) throw refused();
  });
  await client.send('orders', [record('a', 0), record('b', 1), record('c', 2), record('a2', 0)], written);
  expect(requests[0]).toBe('a,b,c,a2');
  expect(requests.slice(1).sort()).toEqual(['a,a2', 'b', 'b', 'b', 'c']);
  expect(told.sort()).toEqual(['a', 'a2', 'b', 'c']);
});

it('what is written is told, though another partition is refused until the end', async () => {
  const { client, requests } = producerThat((values) => {
    if (values.includes('b')) throw refused();
  });
  await expect(client.send('orders', [record('a', 0), record('b', 1)], written)).rejects.toThrow('not the leader');
  expect(told).toEqual(['a']);
  expect(requests.filter((each) => each.includes('b'))).toHaveLength(6);
});

it('without an answer nothing is known of any of them: they stay together', async () => {
  let losses = 2;
  const { client, requests } = producerThat(() => {
    if (losses-- > 0) throw new Error('connection lost');
  });
  await client.send('orders', [record('a', 0), record('b', 1)], written);
  expect(requests).toEqual(['a,b', 'a,b', 'a,b']);
});

it('what will never pass is not tried again, and an idempotent client repeats its own request', async () => {
  const never = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE', retriable: false });
  const large = producerThat(() => {
    throw never;
  });
  await expect(large.client.send('orders', [record('a', 0), record('b', 1)], written)).rejects.toBe(never);
  expect(large.requests).toHaveLength(1);
  expect(large.configs[0]?.retry?.retries).toBe(0);
  const idempotent = producerThat(() => {
    throw refused();
  }, true);
  await expect(idempotent.client.send('orders', [record('a', 0), record('b', 1)], written)).rejects.toThrow('leader');
  expect(idempotent.requests).toHaveLength(1);
  expect(idempotent.configs[0]?.retry?.retries).toBeGreaterThan(5);
});
