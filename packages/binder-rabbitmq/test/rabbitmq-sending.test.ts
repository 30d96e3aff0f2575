import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, text, textOf, unique, until } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startProxy, startRabbitmq } from '@millrace/brokers';
import { MillraceError } from '@millrace/core/spi';
import { amqplibPort } from '../src/client/rabbitmq-client';
import { connectionSettings } from '../src/client/rabbitmq-credentials';
import { RabbitmqConnection } from '../src/connection/rabbitmq-connection';
import { binder } from '../src/index';
import { RabbitmqWriter } from '../src/producing/rabbitmq-writer';
import type { RabbitmqOptions } from '../src/rabbitmq-options';
import type { MessageToPublish } from '../src/rabbitmq-port';
import { RabbitmqTroubles } from '../src/rabbitmq-troubles';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { SendingProcess } from './sending-process';

jest.setTimeout(240_000);

let broker: OwnRabbitmq;
let backDoor: BackDoor;
let rig: Rig;

beforeAll(async () => {
  broker = await startRabbitmq({ settings: { max_message_size: '2000000' } });
  backDoor = new BackDoor(broker.url);
});
afterAll(async () => {
  await backDoor?.close();
  await broker?.stop();
});
beforeEach(() => {
  rig = new Rig({ url: broker.url });
});
afterEach(() => rig.close());

const MEBIBYTE = 1024 * 1024;
const failure = (sending: Promise<void>): Promise<MillraceError> =>
  sending.then(
    () => Promise.reject(new Error('it was taken')),
    (error: MillraceError) => error,
  );

describe('K1 confirmations and returns', () => {
  it('a message that no queue wants rejects its send, and only that', async () => {
    const destination = unique('orders');
    const producer = await rig.producer(destination, { native: { routingKey: '{headers.kind}' } });
    const group = unique('baristas');
    await rig.consumer(destination, { group, native: { bindingKeys: ['hot.#'] } });
    const send = (kind: string, payload: string) =>
      producer.send(text(payload, { headers: { contentType: 'text/plain', kind } }));
    const outcomes = await Promise.allSettled(
      numbers(200).map((each) => send(Number(each) % 4 === 0 ? 'cold' : 'hot.tea', each)),
    );
    for (const [index, outcome] of outcomes.entries())
      expect(outcome.status).toBe(index % 4 === 0 ? 'rejected' : 'fulfilled');
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused[0]).toMatchObject({ code: 'SEND_FAILED' });
    expect(refused[0].message).toMatch(/no queue is bound for routing key cold .*'unroutable: ignore'/s);
    expect(rig.troubles).toEqual([]);
  });

  it('the same bytes twice, one routable and one not: each has its own outcome', async () => {
    const destination = unique('orders');
    const producer = await rig.producer(destination, { native: { routingKey: '{headers.kind}' } });
    await rig.consumer(destination, { native: { bindingKeys: ['hot'] } });
    const [cold, hot] = await Promise.allSettled(
      ['cold', 'hot'].map((kind) => producer.send(text('same', { headers: { contentType: 'text/plain', kind } }))),
    );
    expect([cold?.status, hot?.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('unroutable: ignore lets it go', async () => {
    const producer = await rig.producer(unique('orders'), { native: { unroutable: 'ignore' } });
    await producer.send(text('nobody'));
  });

  it('messages are persistent by default', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(destination, { requiredGroups: [group] });
    await producer.send(text('one'));
    const [raw] = await backDoor.taken(`${destination}.${group}`);
    expect(raw?.message.properties.deliveryMode).toBe(2);
  });

  it('a window of bytes holds even one message that is larger', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    await rig.consumer(destination, { deliver: inbox.deliver });
    const producer = await rig.producer(destination, { native: { maxInFlightBytes: 100 } });
    await Promise.all(numbers(20).map((each) => producer.send(text(each.padEnd(1_000, '.')))));
    await inbox.until(20);
    expect(inbox.records.map((each) => Number.parseInt(textOf(each), 10))).toEqual(numbers(20).map(Number));
  });
});

describe('bad input', () => {
  it('100 MB are refused at send(), with the limit named', async () => {
    const producer = await rig.producer(unique('orders'), { native: { unroutable: 'ignore' } });
    const error = await failure(producer.send({ payload: Buffer.alloc(100_000_000), headers: {} }));
    expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', retryable: false });
    expect(error.message).toContain('16777216 (maxMessageBytes)');
    await producer.send(text('next'));
    expect(rig.troubles).toEqual([]);
  });

  it('a body over the limit of the broker: it is refused with that limit, its companions arrive, the next is refused at once', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    await rig.consumer(destination, { deliver: inbox.deliver, prefetch: 500 });
    const producer = await rig.producer(destination);
    const sendings = numbers(100).map((each) =>
      each === '50' ? producer.send({ payload: Buffer.alloc(3 * MEBIBYTE), headers: {} }) : producer.send(text(each)),
    );
    const outcomes = await Promise.allSettled(sendings);
    expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([50]);
    const { reason } = outcomes[50] as PromiseRejectedResult;
    expect(reason).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect(reason.message).toContain("2000000 (the broker's max_message_size)");
    await until(() => new Set(inbox.texts).size === 99);
    await until(() => rig.trouble === undefined);
    const told = rig.troubles.length;
    await expect(producer.send({ payload: Buffer.alloc(2_000_001), headers: {} })).rejects.toThrow(/2000000/);
    await producer.send({ payload: Buffer.alloc(2_000_000), headers: {} });
    expect(rig.troubles).toHaveLength(told);
  });

  it('headers over 64 KiB, as text, as bytes, as many: refused with the limit named, nothing is hurt', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    await rig.consumer(destination, { deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    const many = Object.fromEntries(numbers(3_000).map((each) => [`header-${each}`, each.padStart(20)]));
    for (const headers of [{ a: 'x'.repeat(70_000) }, { a: Buffer.alloc(70_000) }, { a: 'ß'.repeat(33_000) }, many]) {
      const error = await failure(producer.send({ payload: Buffer.from('x'), headers }));
      expect(error).toMatchObject({ code: 'HEADER_INVALID', retryable: false });
      expect(error.message).toMatch(/the limit is 65536/);
    }
    const fits = { a: 'x'.repeat(30_000), b: 'ß'.repeat(10_000) };
    await producer.send({ payload: Buffer.from('fits'), headers: fits });
    await inbox.until(1);
    expect(inbox.records[0]?.headers).toMatchObject(fits);
    expect(rig.troubles).toEqual([]);
  });

  it('a name the protocol cannot carry is refused alone', async () => {
    const destination = unique('orders');
    await rig.consumer(destination);
    const producer = await rig.producer(destination);
    const error = await failure(producer.send(text('x', { headers: { ['n'.repeat(300)]: 'x' } })));
    expect(error).toMatchObject({ code: 'HEADER_INVALID' });
    await producer.send(text('next'));
    expect(rig.troubles).toEqual([]);
  });

  it('a message the broker closes the channel for fails alone, among many', async () => {
    const queue = unique('orders');
    await backDoor.use((channel) => channel.assertQueue(queue));
    const { writer, close } = newWriter();
    const message = (each: string): MessageToPublish => ({
      exchange: '',
      routingKey: queue,
      body: Buffer.from(each),
      properties: each === '150' || each === '151' ? { expiration: 'soon' } : {},
    });
    const outcomes = await Promise.allSettled(numbers(300).map((each) => writer.send(message(each))));
    expect(outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([150, 151]);
    const { reason } = outcomes[150] as PromiseRejectedResult;
    expect(reason).toMatchObject({ code: 'SEND_FAILED', retryable: false });
    expect(reason.message).toMatch(/PRECONDITION_FAILED - invalid expiration/);
    const arrived = (await backDoor.taken(queue)).map((each) => Buffer.from(each.payload ?? []).toString());
    expect([...new Set(arrived)]).toEqual(numbers(300).filter((each) => each !== '150' && each !== '151'));
    await close();
  });
});

describe('I12 an exchange deleted under a live producer', () => {
  it('is made anew, and what was under way arrives', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    const producer = await rig.producer(destination, { requiredGroups: ['baristas'] });
    await rig.consumer(destination, { group: 'baristas', deliver: inbox.deliver });
    await producer.send(text('before'));
    await backDoor.use((channel) => channel.deleteExchange(destination));
    await Promise.all(numbers(20).map((each) => producer.send(text(each))));
    await until(() => numbers(20).every((each) => inbox.has(each)));
    await until(() => rig.trouble === undefined);
  });

  it('that may not be made fails what is sent, with the reason, until it is there again', async () => {
    const destination = unique('orders');
    await backDoor.watch(destination);
    const producer = await rig.producer(destination, { native: { provision: 'none' } });
    await producer.send(text('before'));
    await backDoor.use((channel) => channel.deleteExchange(destination));
    const outcomes = await Promise.allSettled(numbers(50).map((each) => producer.send(text(each))));
    for (const outcome of outcomes) expect(outcome.status).toBe('rejected');
    expect((outcomes[0] as PromiseRejectedResult).reason.message).toMatch(/NOT_FOUND - no exchange '/);
    await backDoor.watch(destination);
    await producer.send(text('after'));
    await until(() => rig.trouble === undefined);
  });
});

describe('I13 a broker short of memory', () => {
  // The whole minute with MILLRACE_SLOW_TESTS=1.
  const alarmMs = process.env.MILLRACE_SLOW_TESTS ? 60_000 : 4_000;

  it(`ten thousand sends wait for ${alarmMs / 1_000} s, health says why, memory does not grow, and all arrive once when it takes again`, async () => {
    const destination = unique('orders');
    await using sending = new SendingProcess(broker.url, destination);
    await sending.ask('open');
    {
      await using _alarm = await broker.memoryAlarm();
      expect(await sending.ask('sendFirst')).toMatch(/takes no messages just now \(.*memory.*\); sending waits/);
      // The verdicts of consumers get through all the while: they have a connection of their own.
      await until(async () => (await unacknowledged(destination)) === 0);
      const mebibytes = await sending.ask('sendMany');
      await sleep(alarmMs);
      const { confirmed, growth, trouble } = await sending.ask('look');
      process.stdout.write(
        `10,000 sends wait in ${mebibytes.toFixed(1)} MiB, after the alarm's time ${growth.toFixed(1)} more\n`,
      );
      expect(confirmed).toBe(0);
      expect(mebibytes).toBeLessThan(40);
      expect(growth).toBeLessThan(5);
      expect(trouble).toMatch(/takes no messages just now/);
    }
    const endedAt = Date.now();
    const { texts, trouble } = await sending.ask('arrive');
    process.stdout.write(`flows again: all confirmed and handled ${Date.now() - endedAt} ms after the alarm\n`);
    expect(texts).toEqual(['before', 'first', ...numbers(10_000)]);
    expect(trouble).toBeUndefined();
  });

  it('nothing is written to a broker that has said that it takes nothing', async () => {
    await using proxy = await startProxy(new URL(broker.url).host.replace(/.*@/, ''));
    const url = new URL(broker.url);
    url.port = String(proxy.port);
    await using hindered = new Rig({ url: url.href });
    const destination = unique('orders');
    await backDoor.watch(destination);
    const producer = await hindered.producer(destination, { native: { unroutable: 'ignore' } });
    await producer.send(text('before'));
    let sent: Promise<unknown>;
    let before: number;
    {
      await using _alarm = await broker.memoryAlarm();
      const first = producer.send(text('it is this one that the broker answers'));
      await until(() => hindered.trouble !== undefined);
      before = proxy.requestBytes;
      sent = Promise.all([first, ...numbers(100).map((each) => producer.send(text(each.padEnd(1_000, '.'))))]);
      await sleep(500);
      expect(proxy.requestBytes - before).toBeLessThan(1_000);
    }
    await sent;
    expect(proxy.requestBytes - before).toBeGreaterThan(100_000);
  });
});

async function unacknowledged(destination: string): Promise<number> {
  const queues = (await broker.management('GET', '/api/queues')) as {
    name: string;
    messages_unacknowledged?: number;
  }[];
  return queues
    .filter(({ name }) => name.startsWith(destination))
    .reduce((sum, queue) => sum + (queue.messages_unacknowledged ?? 0), 0);
}

/** A writer alone, for messages that the binder never makes. */
function newWriter(): { writer: RabbitmqWriter; close(): Promise<void> } {
  const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const reconnect = { initial: 10, max: 100 };
  const options = binder.options.parse({ url: broker.url }) as RabbitmqOptions;
  const connection = new RabbitmqConnection({
    purpose: 'test',
    port: amqplibPort,
    settings: connectionSettings(options, 'test'),
    reconnect,
    logger,
  });
  const writer = new RabbitmqWriter({
    binding: 'orders',
    connection,
    provision: async () => undefined,
    refusesUnroutable: true,
    maxInFlight: { records: 1_000, bytes: MEBIBYTE },
    maxMessageBytes: MEBIBYTE,
    sendTimeout: 20_000,
    troubles: new RabbitmqTroubles(() => undefined),
    reconnect,
    logger,
  });
  return {
    writer,
    close: async () => {
      await writer.close();
      await connection.close();
    },
  };
}
