import { setTimeout as sleep } from 'node:timers/promises';
import { numbers, text, textOf, unique, until } from '@millrace/binder-test-suite';
import { MillraceError, settlements } from '@millrace/core/spi';
import { Kafka, logLevel } from 'kafkajs';
import { kafkajsPort } from '../src/client/kafka-client';
import { binder } from '../src/index';
import type { RecordToSend, TransactionPort } from '../src/kafka-port';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { copy, fill, transform } from './transform';
import { itOnSharedKafka as it, sharedBrokers } from './with-kafka';

let rig: Rig;
let backDoor: BackDoor;

beforeAll(() => {
  backDoor = new BackDoor(sharedBrokers);
});
afterAll(() => backDoor?.close());
beforeEach(() => {
  rig = new Rig({ brokers: sharedBrokers, metadataMaxAge: '1s' });
});
afterEach(() => rig.close());

const sorted = (texts: readonly string[]): string[] => [...texts].sort((a, b) => Number(a) - Number(b));

async function texts(topic: string, options?: { uncommitted: boolean }): Promise<string[]> {
  return (await backDoor.records(topic, options)).map(({ payload }) => String(payload));
}

async function topics(partitionCount = 4) {
  const names = { orders: unique('orders'), receipts: unique('receipts'), group: unique('tills') };
  const orders = await rig.producer(names.orders, { partitionCount });
  const receipts = await rig.producer(names.receipts, { partitionCount });
  return { ...names, into: orders, out: receipts };
}

async function arrived(topic: string, count: number, timeoutMs = 30_000): Promise<string[]> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await texts(topic);
    if (found.length >= count) return found;
    if (Date.now() > end) throw new Error(`${found.length} of ${count}`);
    await sleep(100);
  }
}

async function positions(group: string, topic: string): Promise<number> {
  const [offsets] = await (await backDoor.admin()).fetchOffsets({ groupId: group, topics: [topic] });
  return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

describe('J10 exactly once: consume, transform, produce', () => {
  it('each input is one output, in order of its key; the position moves with them; the stop commits what is done', async () => {
    const { orders, receipts, group, into, out } = await topics();
    await fill(into, 1_000);
    const startedAt = performance.now();
    const consumer = await transform(rig, orders, out, copy, { group, concurrency: 4, prefetch: 200 });
    await arrived(receipts, 1_000);
    process.stdout.write(`1000 inputs in ${Math.round(performance.now() - startedAt)} ms, the join included\n`);
    await consumer.close();
    const found = await backDoor.records(receipts);
    expect(sorted(found.map(({ payload }) => String(payload)))).toEqual(numbers(1_000));
    for (const key of numbers(8)) {
      const of = found.filter((each) => each.key === key).map(({ payload }) => Number(payload));
      expect(of).toEqual([...of].sort((a, b) => a - b));
    }
    expect(await positions(group, orders)).toBe(1_000);
    expect(rig.troubles.filter((each) => each !== undefined)).toEqual([]);
  }, 60_000);

  it('what is given back and handled again leaves one output; what its first attempt sent is never written', async () => {
    const { orders, receipts, group, into, out } = await topics();
    await fill(into, 100);
    const failed = new Set<string>();
    await rig.consumer(orders, {
      group,
      exactlyOnce: true,
      deliver: async (record) => {
        const body = textOf(record);
        const first = Number(body) % 3 === 0 && !failed.has(body);
        const unitOfWork = { record, binder: 'kafka' };
        await out.send(text(first ? `wrong ${body}` : body, { unitOfWork }));
        failed.add(body);
        return first ? settlements.requeue : { verdict: 'ack', unitOfWork };
      },
    });
    await arrived(receipts, 100);
    expect(sorted(await texts(receipts))).toEqual(numbers(100));
    expect((await texts(receipts, { uncommitted: true })).length).toBe(100);
  }, 60_000);

  it('outputs behind a record that is still worked on wait for it; nothing is committed past it', async () => {
    const { orders, receipts, group, into, out } = await topics(1);
    for (const each of numbers(20)) await into.send(text(each));
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let others = 0;
    const slow = async (record: Parameters<typeof copy>[0]): Promise<string[]> => {
      if (textOf(record) === '5') await gate;
      else others += 1;
      return [textOf(record)];
    };
    await transform(rig, orders, out, slow, { group, concurrency: 20 });
    await until(() => others === 19);
    await arrived(receipts, 5);
    await sleep(300);
    expect(await texts(receipts)).toEqual(numbers(5));
    expect(await positions(group, orders)).toBe(5);
    release();
    expect(await arrived(receipts, 20)).toEqual(numbers(20));
  }, 60_000);

  it('dead letters and parked records are part of it', async () => {
    const { orders, receipts, group, into, out } = await topics();
    await fill(into, 60);
    const parked = new Set<string>();
    const letters: Promise<void>[] = [];
    const consumer = await transform(
      rig,
      orders,
      out,
      async (record) => {
        const body = textOf(record);
        if (Number(body) % 3 === 1) {
          const letter = {
            record,
            kind: 'failed' as const,
            code: undefined,
            errorName: 'Error',
            errorMessage: 'no',
            errorStack: undefined,
            attempts: 1,
            binding: 'orders',
            group,
            time: new Date(),
          };
          const writing = consumer.deadLetter?.(letter) ?? Promise.reject(new Error('none'));
          letters.push(writing);
          await writing;
          return settlements.ack;
        }
        if (Number(body) % 3 === 2 && !parked.has(body)) {
          parked.add(body);
          return { verdict: 'requeue', delayMs: 1_000, headers: record.headers };
        }
        return [body];
      },
      { group, delays: [1_000] },
    );
    await arrived(receipts, 40);
    expect(sorted(await texts(receipts))).toEqual(numbers(60).filter((each) => Number(each) % 3 !== 1));
    expect(sorted(await texts(`error.${orders}.${group}`))).toEqual(
      numbers(60).filter((each) => Number(each) % 3 === 1),
    );
    expect((await texts(`${orders}.${group}.retry.1000`)).length).toBe(20);
    expect(letters).toHaveLength(20);
  }, 60_000);

  it('members come and go while it runs: each input is one output', async () => {
    const { orders, receipts, group, into, out } = await topics();
    const native = { heartbeatInterval: '200ms' };
    const busy = async (record: Parameters<typeof copy>[0]): Promise<string[]> => {
      await sleep(3);
      return [textOf(record)];
    };
    await transform(rig, orders, out, busy, { group, native, concurrency: 4 });
    const sending = fill(into, 600);
    for (let visit = 0; visit < 3; visit += 1) {
      const guest = await transform(rig, orders, out, busy, { group, native, concurrency: 4 });
      await sleep(500);
      await guest.close();
    }
    await sending;
    await arrived(receipts, 600);
    expect(sorted(await texts(receipts))).toEqual(numbers(600));
    expect(await positions(group, orders)).toBe(600);
  }, 90_000);
});

describe('J11 a transaction for each partition', () => {
  it('one that is refused leaves the others; its neighbours are written once, and its handler is told', async () => {
    const { orders, receipts, group, into, out } = await topics(2);
    const incompressible = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString('base64');
    const admin = await backDoor.admin();
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: 2, name: receipts, configEntries: [{ name: 'max.message.bytes', value: '20000' }] }],
    });
    for (const each of numbers(20)) await into.send(text(each, { partition: Number(each) % 2 }));
    const refusals: string[] = [];
    const calls: string[] = [];
    await rig.consumer(orders, {
      group,
      exactlyOnce: true,
      concurrency: 20,
      deliver: async (record) => {
        const body = textOf(record);
        calls.push(body);
        const unitOfWork = { record, binder: 'kafka' };
        try {
          await out.send(text(body === '6' ? incompressible() : body, { unitOfWork }));
        } catch (error) {
          if (MillraceError.is(error)) refusals.push(`${body}: ${error.message}`);
          return settlements.ack;
        }
        return { verdict: 'ack', unitOfWork };
      },
    });
    await arrived(receipts, 19);
    await until(() => refusals.length > 0);
    expect(sorted(await texts(receipts))).toEqual(numbers(20).filter((each) => each !== '6'));
    expect(refusals).toEqual([expect.stringMatching(/^6: topic receipts.*MESSAGE_TOO_LARGE/)]);
    expect(calls.filter((each) => each !== '6')).toHaveLength(19);
    await until(() => rig.trouble === undefined);
    expect(await positions(group, orders)).toBe(20);
  }, 60_000);
});

describe('J12 a fenced producer', () => {
  it('ends alone: whoever took its id is followed, others of the binding go on, and each input is one output', async () => {
    const { orders, receipts, group, into, out } = await topics();
    await fill(into, 200);
    const consumer = await transform(rig, orders, out, copy, { group });
    await arrived(receipts, 200);
    const kafka = new Kafka({ brokers: sharedBrokers, logLevel: logLevel.NOTHING });
    const thief = kafka.producer({ transactionalId: `millrace.${group}.${orders}.0` });
    await thief.connect();
    const transaction = await thief.transaction();
    await fill(into, 200);
    await arrived(receipts, 400);
    await transaction.abort();
    await thief.disconnect();
    await consumer.close();
    expect(sorted(await texts(receipts))).toEqual(sorted([...numbers(200), ...numbers(200)]));
    expect(await positions(group, orders)).toBe(400);
  }, 60_000);
});

const ports: TransactionPort[] = [];
afterEach(async () => {
  for (const port of ports.splice(0)) await port.disconnect();
});

function transactions(transactionalId: string): TransactionPort {
  const nothing = (): void => undefined;
  const { options } = { options: binder.options.parse({ brokers: sharedBrokers }) as never };
  const port = kafkajsPort({ ...(options as object), clientId: 'test', ssl: undefined, sasl: undefined } as never, {
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
  }).transactions({ transactionalId, timeout: 15_000 });
  ports.push(port);
  return port;
}

const record = (value: string): RecordToSend => ({ key: null, value: Buffer.from(value), headers: {} });

describe('J10 what is undone', () => {
  it('is read by those alone who read what was never committed', async () => {
    const topic = unique('receipts');
    await rig.producer(topic, { partitionCount: 1 });
    const port = transactions(unique('id'));
    await port.open();
    await port.send(topic, [record('undone')], 'none');
    await port.abort();
    await port.send(topic, [record('done')], 'none');
    await port.commit();
    expect(await texts(topic)).toEqual(['done']);
    expect(await texts(topic, { uncommitted: true })).toEqual(['undone', 'done']);
  }, 30_000);
});

describe('J12 who has lost the transactional id', () => {
  it('can commit no more, and what he has written is undone', async () => {
    const topic = unique('receipts');
    await rig.producer(topic, { partitionCount: 1 });
    const id = unique('id');
    const [zombie, heir] = [transactions(id), transactions(id)];
    await zombie.open();
    await zombie.position(unique('tills'), { topic, partition: 0, offset: '1' });
    await zombie.send(topic, [record('of the zombie')], 'none');
    await heir.open();
    await expect(zombie.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    await heir.send(topic, [record('of the heir')], 'none');
    await heir.commit();
    expect(await texts(topic)).toEqual(['of the heir']);
    expect(await texts(topic, { uncommitted: true })).toEqual(['of the zombie', 'of the heir']);
  }, 30_000);
});
