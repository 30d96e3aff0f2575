import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ProducerPort, RecordRoutes, RecordToSend, Written } from '../kafka-port';
import { KafkaWriter } from './kafka-writer';

const record = (value: string, partition?: number): RecordToSend => ({
  key: null,
  value: Buffer.from(value),
  headers: {},
  partition,
});

/** A client whose requests are answered as told. */
class FakeProducer implements ProducerPort {
  readonly requests: string[][] = [];
  readonly #answer: (values: string[], written: (values: string[]) => void) => void | Promise<void>;
  connects = 0;
  drops = 0;
  disconnects = 0;

  constructor(
    answer: (values: string[], written: (values: string[]) => void) => void | Promise<void> = () => undefined,
  ) {
    this.#answer = answer;
  }

  async connect(): Promise<void> {
    this.connects += 1;
  }

  async send(_: string, records: readonly RecordToSend[], written: Written = () => undefined): Promise<void> {
    const values = records.map(({ value }) => String(value));
    this.requests.push(values);
    await this.#answer(values, (some) => written(records.filter(({ value }) => some.includes(String(value)))));
  }

  dropConnections(): void {
    this.drops += 1;
  }

  async disconnect(): Promise<void> {
    this.disconnects += 1;
  }
}

/** Three partitions; even ones are led by broker 0 and odd ones by broker 1. */
const routes: RecordRoutes = {
  learn: () => undefined,
  forget: () => undefined,
  partitionOf: (_, { partition = 0 }) => partition,
  leaderOf: (_, partition) => partition % 2,
};

function writerOver(
  producer: ProducerPort,
  changes: { records?: number; idempotent?: boolean; sendTimeout?: number } = {},
) {
  const troubles: (string | undefined)[] = [];
  const writer = new KafkaWriter({
    routes,
    newProducer: () => producer,
    limits: { records: 500, bytes: 1_000_000, linger: 0 },
    maxInFlight: { records: changes.records ?? 1_000, bytes: 1_000_000 },
    sendTimeout: changes.sendTimeout ?? 30_000,
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

it('tries again with a new client after a lost connection, and reports trouble once it begins and once it ends', async () => {
  const producer = new FakeProducer(() => {
    if (producer.requests.length < 4) throw failure({ name: 'KafkaJSConnectionError' });
  });
  const { writer, troubles } = writerOver(producer);
  await Promise.all([writer.send('orders', record('a')), writer.send('orders', record('b'))]);
  await writer.send('orders', record('c'));
  expect(producer.requests).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
  expect(troubles).toEqual(['topic orders: refused', undefined]);
  expect([producer.connects, producer.disconnects]).toEqual([4, 3]);
});

it('a leader that is away holds up its own partitions, in order; the others are written once, and the health says so', async () => {
  let isAway = true;
  const producer = new FakeProducer((values) => {
    if (isAway && values[0]?.startsWith('odd')) throw failure({ type: 'LEADER_NOT_AVAILABLE', retriable: true });
  });
  const { writer, troubles } = writerOver(producer);
  const held = ['odd 1', 'odd 2'].map((each) => writer.send('orders', record(each, 1)));
  await writer.send('orders', record('even 1', 0));
  held.push(writer.send('orders', record('odd 3', 1)));
  for (const each of ['even 2', 'even 3']) await writer.send('orders', record(each, 2));
  while (troubles.length === 0) await nextTurn();
  await writer.send('orders', record('even 4', 0));
  expect(troubles).toHaveLength(1);
  isAway = false;
  await Promise.all(held);
  expect(troubles.at(-1)).toBeUndefined();
  const requestsOf = (kind: string) => producer.requests.filter(([first]) => first?.startsWith(kind));
  expect(requestsOf('even')).toEqual([['even 1'], ['even 2'], ['even 3'], ['even 4']]);
  expect(new Set(requestsOf('odd').map(String))).toEqual(new Set(['odd 1,odd 2', 'odd 3']));
});

it('what is surely written is confirmed at once, and not sent again because of others', async () => {
  let refusals = 1;
  const producer = new FakeProducer((values, written) => {
    written(values.filter((value) => value === 'a'));
    if (refusals-- > 0) throw failure({ type: 'NOT_LEADER_FOR_PARTITION', retriable: true });
  });
  const { writer } = writerOver(producer);
  await Promise.all([writer.send('orders', record('a', 0)), writer.send('orders', record('b', 2))]);
  expect(producer.requests.map((each) => each.toSorted())).toEqual([['a', 'b'], ['b']]);
});

it('rejects at once what will never pass', async () => {
  const producer = new FakeProducer(() => {
    throw failure({ type: 'TOPIC_AUTHORIZATION_FAILED', retriable: false });
  });
  const { writer } = writerOver(producer);
  await expect(writer.send('orders', record('a'))).rejects.toMatchObject({ code: 'SEND_FAILED', retryable: false });
  expect(producer.requests).toHaveLength(1);
});

it('I14 rejects after sendTimeout what fails again and again, with the reason', async () => {
  const producer = new FakeProducer(() => {
    throw failure({ name: 'KafkaJSConnectionError' });
  });
  const { writer, troubles } = writerOver(producer, { sendTimeout: 300 });
  const startedAt = performance.now();
  await expect(writer.send('orders', record('a'))).rejects.toMatchObject({
    code: 'SEND_FAILED',
    retryable: true,
    message: 'topic orders: refused (not confirmed within sendTimeout, 300 ms)',
  });
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(295);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  expect(troubles).toEqual(['topic orders: refused']);
  const attempts = producer.requests.length;
  await writer.close();
  expect(producer.requests.length).toBeLessThanOrEqual(attempts + 1);
});

it('I14 rejects after sendTimeout what is never answered, waits for its turn or for room, and goes on with a new client', async () => {
  let isSilent = true;
  const answers: (() => void)[] = [];
  const producer = new FakeProducer(async () => {
    if (isSilent) await new Promise<void>((_, reject) => answers.push(() => reject(failure({}))));
  });
  // A client whose sockets are gone has nothing to wait for.
  producer.disconnect = async () => {
    producer.disconnects += 1;
    for (const answer of answers.splice(0)) answer();
  };
  const { writer, troubles } = writerOver(producer, { sendTimeout: 200, records: 2 });
  const first = writer.send('orders', record('a'));
  await nextTurn();
  await nextTurn();
  const others = ['b', 'c', 'd'].map((each) => writer.send('orders', record(each)));
  const outcomes = await Promise.allSettled([first, ...others]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  expect(troubles).toEqual(['topic orders: the broker does not answer (not confirmed within sendTimeout, 200 ms)']);
  isSilent = false;
  await writer.send('orders', record('e'));
  expect(producer.requests).toEqual([['a'], ['e']]);
  expect([producer.connects, producer.disconnects]).toEqual([2, 1]);
  expect(troubles.at(-1)).toBeUndefined();
});

it('abandon() rejects at once what is under way', async () => {
  const producer = new FakeProducer(() => new Promise(() => undefined));
  const { writer } = writerOver(producer);
  const sent = writer.send('orders', record('a'));
  await nextTurn();
  await nextTurn();
  await writer.abandon();
  await expect(sent).rejects.toThrow('the producer was closed before the broker had answered');
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

describe('an idempotent client', () => {
  it('is kept with new connections while it repeats the same request', async () => {
    const producer = new FakeProducer(() => {
      if (producer.requests.length < 3) throw failure({ name: 'KafkaJSConnectionError' });
    });
    await writerOver(producer, { idempotent: true }).writer.send('orders', record('a'));
    expect([producer.connects, producer.drops, producer.disconnects]).toEqual([1, 2, 0]);
  });

  it('that has lost count is replaced', async () => {
    const producer = new FakeProducer(() => {
      throw failure({ type: 'OUT_OF_ORDER_SEQUENCE_NUMBER', retriable: false });
    });
    await expect(writerOver(producer, { idempotent: true }).writer.send('orders', record('a'))).rejects.toThrow();
    expect(producer.disconnects).toBe(1);
  });

  it('is replaced when some of its request are over, as their numbers would go to others', async () => {
    let answer = (): void => {};
    const isSecondSent = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const producer = new FakeProducer(async (values) => {
      if (values.includes('x')) await isSecondSent;
      if (values.includes('a')) throw failure({ name: 'KafkaJSConnectionError' });
    });
    const { writer } = writerOver(producer, { idempotent: true, sendTimeout: 700 });
    const before = writer.send('orders', record('x'));
    await sleep(20);
    const first = writer.send('orders', record('a'));
    await sleep(350);
    const second = writer.send('orders', record('b'));
    answer();
    await expect(first).rejects.toThrow(/sendTimeout/);
    await Promise.all([before, second]);
    expect(producer.requests[1]).toEqual(['a', 'b']);
    expect(producer.requests.at(-1)).toEqual(['b']);
    expect(producer.disconnects).toBe(1);
  });
});
