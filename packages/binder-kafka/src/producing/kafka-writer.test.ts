import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProducerPort, RecordToSend } from '../kafka-port';
import { KafkaWriter } from './kafka-writer';

const record = (value: string): RecordToSend => ({ key: null, value: Buffer.from(value), headers: {} });

/** A client whose requests are answered as told. */
class FakeProducer implements ProducerPort {
  readonly requests: string[][] = [];
  readonly #answer: (values: string[]) => void | Promise<void>;
  connects = 0;
  disconnects = 0;

  constructor(answer: (values: string[]) => void | Promise<void> = () => undefined) {
    this.#answer = answer;
  }

  async connect(): Promise<void> {
    this.connects += 1;
  }

  async send(_: string, records: readonly RecordToSend[]): Promise<void> {
    const values = records.map(({ value }) => String(value));
    this.requests.push(values);
    await this.#answer(values);
  }

  async disconnect(): Promise<void> {
    this.disconnects += 1;
  }
}

function writerOver(producer: ProducerPort, changes: { records?: number; idempotent?: boolean } = {}) {
  const troubles: (string | undefined)[] = [];
  const writer = new KafkaWriter({
    newProducer: () => producer,
    limits: { records: 500, bytes: 1_000_000, linger: 0 },
    maxInFlight: { records: changes.records ?? 1_000, bytes: 1_000_000 },
    isCompressed: false,
    isIdempotent: changes.idempotent ?? false,
    limitOf: () => undefined,
    provision: async () => undefined,
    report: (trouble) => troubles.push(trouble?.message),
  });
  return { writer, troubles };
}

const failure = (facts: object): Error => Object.assign(new Error('refused'), facts);

it('sends those that share a request again one by one when it is too large, and only the guilty one fails', async () => {
  const producer = new FakeProducer((values) => {
    if (values.includes('huge')) throw failure({ type: 'MESSAGE_TOO_LARGE' });
  });
  const { writer, troubles } = writerOver(producer);
  const outcomes = await Promise.allSettled(['a', 'huge', 'b'].map((each) => writer.send('orders', record(each))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { code: 'PAYLOAD_TOO_LARGE' } });
  expect(producer.requests).toEqual([['a', 'huge', 'b'], ['a'], ['huge'], ['b']]);
  expect(troubles).toEqual([]);
});

it('reports trouble once it begins and once it ends, and takes a new client after a lost connection', async () => {
  let isBroken = true;
  const producer = new FakeProducer(() => {
    if (isBroken) throw failure({ name: 'KafkaJSConnectionError' });
  });
  const { writer, troubles } = writerOver(producer);
  await expect(writer.send('orders', record('a'))).rejects.toMatchObject({ code: 'SEND_FAILED', retryable: true });
  isBroken = false;
  await writer.send('orders', record('b'));
  await writer.send('orders', record('c'));
  expect(troubles).toEqual(['topic orders: refused', undefined]);
  expect([producer.connects, producer.disconnects]).toEqual([2, 1]);
});

it('a topic that is gone is provisioned and the request repeated, once', async () => {
  const producer = new FakeProducer(() => {
    if (producer.requests.length === 1) throw failure({ type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });
  await writerOver(producer).writer.send('orders', record('a'));
  expect(producer.requests).toEqual([['a'], ['a']]);
});

it('waits with send() when as much is under way as may be, in turn', async () => {
  const answers: (() => void)[] = [];
  const producer = new FakeProducer(() => new Promise((resolve) => answers.push(resolve)));
  const { writer } = writerOver(producer, { records: 2 });
  const done: string[] = [];
  const sends = ['a', 'b', 'c', 'd', 'e'].map((each) =>
    writer.send('orders', record(each)).then(() => done.push(each)),
  );
  const turn = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns += 1) await nextTurn();
  };
  await turn();
  expect(producer.requests).toEqual([['a', 'b']]);
  while (done.length < 5) {
    answers.shift()?.();
    await turn();
  }
  await Promise.all(sends);
  expect(producer.requests.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(Math.max(...producer.requests.map((request) => request.length))).toBe(2);
});

it('an idempotent client that gave a request up is replaced', async () => {
  const producer = new FakeProducer(() => {
    throw failure({ type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
  });
  await expect(writerOver(producer, { idempotent: true }).writer.send('orders', record('a'))).rejects.toThrow();
  expect(producer.disconnects).toBe(1);
});
