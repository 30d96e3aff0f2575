import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, text, unique, until } from '@millrace/binder-test-suite';
import { type OwnRabbitmq, startProxy, startRabbitmq, type TcpProxy } from '@millrace/brokers';
import { finishedWithin, MillraceError, settlements } from '@millrace/core/spi';
import { amqplibPort } from '../src/client/rabbitmq-client';
import { BackDoor } from './back-door';
import { Rig } from './rig';

jest.setTimeout(120_000);

let broker: OwnRabbitmq;
let proxy: TcpProxy;
let backDoor: BackDoor;
let rig: Rig;
const proxied = (): string => `amqp://${proxy.address}`;

beforeAll(async () => {
  broker = await startRabbitmq();
  proxy = await startProxy(broker.address);
  backDoor = new BackDoor(broker.url);
});
afterAll(async () => {
  await backDoor?.close();
  await proxy?.close();
  await broker?.stop();
});
beforeEach(() => {
  rig = new Rig({ url: proxied() });
});
afterEach(async () => {
  await rig.close();
  proxy.resume();
  proxy.delay(0);
  await proxy.restore();
});

const ignoring = { native: { unroutable: 'ignore' } };

it('a connection that is lost while the channel of declarations is closing leaves nobody waiting for ever', async () => {
  const connection = await amqplibPort.connect(
    {
      url: proxied(),
      login: { mechanism: 'plain', username: 'guest', password: 'guest' },
      name: 'test',
      heartbeat: 10,
      timeoutMs: 5_000,
      tls: undefined,
    },
    { blocked: () => undefined, lost: () => undefined },
  );
  const channel = await connection.openTopology();
  proxy.stall('answers');
  const closing = channel.close();
  await proxy.cut();
  expect(await finishedWithin(closing, 10_000)).toBe(true);
});

describe('I1 no broker at the start', () => {
  it('fails with the address in the message, at once with startTimeout 0', async () => {
    const lonely = new Rig({ url: 'amqp://barista:secret-0815@127.0.0.1:1', startTimeout: 0 });
    const startedAt = Date.now();
    await expect(lonely.producer('orders')).rejects.toThrow(/127\.0\.0\.1:1.*no broker answers there; check 'url'/s);
    await expect(lonely.consumer('orders')).rejects.toMatchObject({ code: 'BINDER_FAILED', retryable: true });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(JSON.stringify(lonely.lines)).not.toContain('secret-0815');
    await lonely.close();
  });

  it('waits for one that comes within startTimeout', async () => {
    await proxy.cut();
    const starting = rig.producer(unique('orders'), ignoring);
    await sleep(500);
    await proxy.restore();
    await (await starting).send(text('late'));
    expect(rig.troubles.length).toBeGreaterThan(0);
    expect(rig.trouble).toBeUndefined();
  });

  it('several nodes are tried in turn', async () => {
    const several = new Rig({ url: ['amqp://127.0.0.1:1', 'amqp://127.0.0.1:2', broker.url], startTimeout: 0 });
    await (await several.producer(unique('orders'), ignoring)).send(text('found'));
    await several.close();
  });
});

describe('I3, I4, I5, C9 the broker is killed and comes back', () => {
  it('every confirmed message arrives, in order of each key; it flows again within two seconds of the port', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const producer = await rig.producer(destination, { requiredGroups: [group] });
    const inbox = new Deliveries();
    await rig.consumer(destination, { group, deliver: inbox.deliver, prefetch: 100 });
    const confirmed: string[] = [];
    const refused: unknown[] = [];
    const senders = numbers(20).map(async (sender) => {
      for (const each of numbers(100)) {
        const name = `${sender}:${each}`;
        await producer.send(text(name, { key: sender })).then(
          () => confirmed.push(name),
          (error: unknown) => refused.push(error),
        );
        await sleep(10);
      }
    });
    await inbox.until(100);
    await broker.kill();
    await until(() => rig.trouble !== undefined);
    let backAt = 0;
    const portIsOpen = opensAgain(broker.address).then(() => {
      backAt = Date.now();
    });
    await broker.restart();
    await portIsOpen;
    await until(() => rig.trouble === undefined, 20_000);
    const wellAfter = Date.now() - backAt;
    await Promise.all(senders);
    expect(refused).toEqual([]);
    await until(() => confirmed.every((each) => inbox.has(each)), 40_000);
    // First deliveries of what was confirmed come in the order they were sent in.
    for (const sender of numbers(20)) {
      const order = [...new Set(inbox.texts)]
        .filter((each) => each.startsWith(`${sender}:`))
        .map((each) => Number(each.split(':')[1]));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    process.stdout.write(`well ${wellAfter} ms after the port; ${inbox.records.length} deliveries of 2000 messages\n`);
    expect(wellAfter).toBeLessThan(2_000);
  });

  it('a handler that ran meanwhile may run again, and its late verdict hurts nobody', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let calls = 0;
    const inbox = new Deliveries(async () => {
      calls += 1;
      if (calls === 1) await running;
      return settlements.ack;
    });
    await rig.consumer(destination, { group, deliver: inbox.deliver });
    await (await rig.producer(destination)).send(text('one'));
    await inbox.until(1);
    proxy.drop();
    await inbox.until(2);
    await until(() => rig.troubles.length > 0 && rig.trouble === undefined);
    const told = rig.troubles.filter(Boolean).length;
    finish();
    await until(async () => (await backDoor.depth(`${destination}.${group}`)) === 0);
    await (await rig.producer(destination)).send(text('two'));
    await until(() => inbox.has('two'));
    expect(inbox.texts).toEqual(['one', 'one', 'two']);
    // A verdict on another channel than its delivery's would have ended that one.
    expect(rig.troubles.filter(Boolean)).toHaveLength(told);
  });

  it('what waited in this process for its turn comes once, from the new connection alone', async () => {
    const places = [unique('first'), unique('second')] as const;
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const inbox = new Deliveries(async () => {
      await running;
      return settlements.ack;
    });
    const group = unique('baristas');
    await rig.consumer([...places], { group, prefetch: 1, deliver: inbox.deliver });
    for (const place of places) await (await rig.producer(place)).send(text(place));
    await inbox.until(1);
    const queues = places.map((place) => `${place}.${group}`);
    const depths = () => Promise.all(queues.map((queue) => backDoor.depth(queue)));
    // Both are with the consumer: one is handled, the other waits for it.
    await until(async () => (await depths()).every((depth) => depth === 0));
    proxy.drop();
    await until(() => rig.troubles.length > 0 && rig.trouble === undefined);
    await until(async () => (await depths()).every((depth) => depth === 0));
    finish();
    await inbox.until(3);
    await (await rig.producer(places[0])).send(text('last'));
    await until(() => inbox.has('last'));
    expect(inbox.texts.filter((each) => each === inbox.texts[0])).toHaveLength(2);
    expect(inbox.records).toHaveLength(4);
  });

  it('what was not confirmed is sent again in its order, before anything newer', async () => {
    const destination = unique('orders');
    const group = unique('baristas');
    const native = { maxInFlightRecords: 50 };
    const producer = await rig.producer(destination, { requiredGroups: [group], native });
    proxy.stall('requests');
    const sendings = numbers(200).map((each) => producer.send(text(each)));
    proxy.drop();
    proxy.resume();
    await Promise.all(sendings);
    const arrived = (await backDoor.taken(`${destination}.${group}`)).map(({ payload }) => String(payload));
    expect(arrived).toEqual(numbers(200));
  });
});

describe('I6, I8, I10 cut, stalled and slow connections', () => {
  it('resumes by itself after a cut of some seconds, health down meanwhile; pause and resume do not need the broker', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    const consumer = await rig.consumer(destination, { deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    await producer.send(text('before'));
    await inbox.until(1);
    await proxy.cut();
    const during = producer.send(text('during'));
    await until(() => rig.trouble !== undefined);
    await consumer.pause?.();
    await consumer.resume?.();
    await sleep(2_000);
    await proxy.restore();
    const restoredAt = Date.now();
    await during;
    await until(() => inbox.has('during'));
    expect(Date.now() - restoredAt).toBeLessThan(2_000);
    await until(() => rig.trouble === undefined);
  });

  it('one that was paused while the broker was away stays so', async () => {
    const destination = unique('orders');
    const inbox = new Deliveries();
    const consumer = await rig.consumer(destination, { deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    await proxy.cut();
    await consumer.pause?.();
    await proxy.restore();
    await producer.send(text('one'));
    await until(() => rig.trouble === undefined);
    await sleep(300);
    expect(inbox.texts).toEqual([]);
    await consumer.resume?.();
    await inbox.until(1);
  });

  it('a half-open connection is noticed by its missing heartbeats, and replaced', async () => {
    const quick = new Rig({ url: proxied(), heartbeat: '1s' });
    const destination = unique('orders');
    const inbox = new Deliveries();
    await quick.consumer(destination, { deliver: inbox.deliver });
    const producer = await quick.producer(destination);
    await producer.send(text('before'));
    await inbox.until(1);
    proxy.stall();
    const during = producer.send(text('during'));
    await until(() => quick.trouble !== undefined);
    expect(String(quick.trouble)).toMatch(/the connection is lost; it is opened again/);
    proxy.resume();
    await during;
    await until(() => inbox.has('during'));
    await until(() => quick.trouble === undefined);
    await quick.close();
  });

  it.each([
    ['maxInFlightRecords', { maxInFlightRecords: 3 }, 3],
    ['maxInFlightBytes', { maxInFlightBytes: 2_500 }, 3],
  ])(
    'while confirmations stay away no more go out than %s allows; the others wait, and go in order',
    async (_, limit, window) => {
      const destination = unique('orders');
      const group = unique('baristas');
      const producer = await rig.producer(destination, { requiredGroups: [group], native: limit });
      await producer.send(text('before'));
      const queue = `${destination}.${group}`;
      expect((await backDoor.taken(queue)).length).toBe(1);
      proxy.stall('answers');
      const bodies = numbers(200).map((each) => each.padEnd(1_000, '.'));
      let confirmed = 0;
      const sendings = bodies.map((each) =>
        producer.send(text(each)).then(() => {
          confirmed += 1;
        }),
      );
      await until(async () => (await backDoor.depth(queue)) === window);
      await sleep(300);
      expect([await backDoor.depth(queue), confirmed]).toEqual([window, 0]);
      proxy.resume();
      await Promise.all(sendings);
      const arrived = (await backDoor.taken(queue)).map(({ payload }) => String(payload));
      expect(arrived).toEqual(['before', ...bodies]);
    },
  );

  it('messages flow over a slow line', async () => {
    proxy.delay(150);
    const destination = unique('orders');
    const inbox = new Deliveries();
    await rig.consumer(destination, { deliver: inbox.deliver });
    const producer = await rig.producer(destination);
    await Promise.all(numbers(200).map((each) => producer.send(text(each))));
    await inbox.until(200);
    proxy.delay(0);
    expect(inbox.texts).toEqual(numbers(200));
  });
});

it('what waits for a channel to close does not wait for ever when the connection goes meanwhile', async () => {
  const settings = {
    url: proxied(),
    login: { mechanism: 'plain', username: 'guest', password: 'guest' },
    name: 'test',
    heartbeat: 0,
    timeoutMs: 5_000,
    tls: undefined,
  } as const;
  const connection = await amqplibPort.connect(settings, { blocked: () => undefined, lost: () => undefined });
  const channels = [
    await connection.openTopology(),
    await connection.openPublisher({ confirmed: () => undefined, returned: () => undefined, closed: () => undefined }),
    await connection.openConsumer({ message: () => undefined, cancelled: () => undefined, closed: () => undefined }),
  ];
  proxy.stall();
  const startedAt = Date.now();
  const closing = Promise.all(channels.map((channel) => channel.close()));
  await sleep(50);
  proxy.drop();
  await closing;
  expect(Date.now() - startedAt).toBeLessThan(1_500);
  await connection.close(100);
});

it('I14 a confirmation that stays away rejects after sendTimeout; a closed producer refuses; close() returns', async () => {
  const destination = unique('orders');
  const producer = await rig.producer(destination, { native: { unroutable: 'ignore', sendTimeout: '1s' } });
  const consumer = await rig.consumer(destination);
  await producer.send(text('before'));
  proxy.stall();
  const startedAt = Date.now();
  await expect(producer.send(text('lost'))).rejects.toThrow(/not confirmed within sendTimeout, 1000 ms/);
  expect(Date.now() - startedAt).toBeLessThan(3_000);
  await Promise.all([producer.close(), consumer.close()]);
  expect(Date.now() - startedAt).toBeLessThan(9_000);
  proxy.resume();
  await expect(producer.send(text('late'))).rejects.toMatchObject({ code: 'APPLICATION_STOPPED' });
});

it('I19 a broker that takes and drops connections is not stormed', async () => {
  await rig.consumer(unique('orders'));
  await rig.producer(unique('orders'), ignoring);
  await proxy.cut();
  await sleep(500);
  await proxy.restore();
  const before = proxy.accepted;
  const end = Date.now() + 3_000;
  while (Date.now() < end) {
    proxy.drop();
    await sleep(5);
  }
  // Two connections, waits of 50 ms to a second: some dozens of attempts at most.
  expect(proxy.accepted - before).toBeLessThan(60);
  expect(proxy.accepted - before).toBeGreaterThan(3);
  await until(() => rig.trouble === undefined);
});

it('I20 what one channel does wrong leaves the others alone', async () => {
  const [destination, other] = [unique('orders'), unique('receipts')];
  const inbox = new Deliveries();
  await rig.consumer(destination, { deliver: inbox.deliver });
  const producer = await rig.producer(destination);
  const troubled: (Error | undefined)[] = [];
  const doomed = await rig.producer(other, {
    native: { unroutable: 'ignore', provision: 'auto' },
    report: (trouble) => troubled.push(trouble),
  });
  await backDoor.use((channel) => channel.deleteExchange(other));
  await doomed.send(text('into nothing'));
  expect(troubled.length).toBeGreaterThan(0);
  await producer.send(text('one'));
  await inbox.until(1);
  expect(rig.troubles).toEqual([]);
});

it('K6 channels and connections do not grow with publishing', async () => {
  const destination = unique('orders');
  await rig.consumer(destination, { prefetch: 500 });
  const producer = await rig.producer(destination);
  await Promise.all(numbers(3_000).map((each) => producer.send(text(each))));
  await until(async () => (await channels()).length === 2);
  // The list of connections is another one, which may come later.
  await until(async () => ((await broker.management('GET', '/api/connections')) as unknown[]).length === 3);
});

it('I7, K5 a delivery that is open for longer than the broker allows: the consumer it ends is set up again alone, the message comes again', async () => {
  await broker.ctl('eval', 'application:set_env(rabbit, consumer_timeout, 1000).');
  await broker.ctl('eval', 'application:set_env(rabbit, channel_tick_interval, 500).');
  const destination = unique('orders');
  let finish = (): void => undefined;
  const stuck = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let calls = 0;
  const inbox = new Deliveries(async () => {
    calls += 1;
    if (calls === 1) await stuck;
    return settlements.ack;
  });
  // Since 4.3 the queue keeps the time and ends the consumer, a quorum queue alone; before, the channel did.
  await rig.consumer(destination, { native: { queueType: 'quorum' }, deliver: inbox.deliver });
  const producer = await rig.producer(destination);
  await producer.send(text('slow'));
  const connections = proxy.accepted;
  await inbox.until(2, 60_000);
  expect(proxy.accepted).toBe(connections);
  finish();
  await producer.send(text('next'));
  await until(() => inbox.has('next'));
  expect(inbox.texts).toEqual(['slow', 'slow', 'next']);
  expect(String(rig.troubles.find((each) => each !== undefined))).toMatch(
    /timed? ?out|the broker has ended the consumer/i,
  );
  await broker.ctl('eval', 'application:set_env(rabbit, consumer_timeout, 1800000).');
});

it('what `deliver` throws against its contract gives the record back; the consumer lives', async () => {
  const destination = unique('orders');
  let calls = 0;
  const inbox = new Deliveries(() => {
    calls += 1;
    if (calls < 3) throw new TypeError('not a function');
    return settlements.ack;
  });
  await rig.consumer(destination, { deliver: inbox.deliver });
  await (await rig.producer(destination)).send(text('one'));
  await inbox.until(3);
  expect(inbox.texts).toEqual(['one', 'one', 'one']);
  await until(() => rig.trouble === undefined);
});

it('I18 the broker goes down for an operator and comes up again; nobody has to do anything', async () => {
  const destination = unique('orders');
  const inbox = new Deliveries();
  await rig.consumer(destination, { deliver: inbox.deliver });
  const producer = await rig.producer(destination);
  await producer.send(text('before'));
  await broker.closeConnections('maintenance');
  await until(() => rig.troubles.length > 0);
  await producer.send(text('after'));
  await until(() => inbox.has('after'));
  await until(() => rig.trouble === undefined);
  expect(MillraceError.is(rig.troubles.find((each) => each !== undefined))).toBe(true);
});

async function channels(): Promise<unknown[]> {
  return (await broker.management('GET', '/api/channels')) as unknown[];
}

/** Resolves when somebody takes connections there who did not before. */
async function opensAgain(address: string): Promise<void> {
  const { connect } = await import('node:net');
  const port = Number(address.split(':')[1]);
  const isOpen = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  while (!(await isOpen())) await sleep(10);
}
