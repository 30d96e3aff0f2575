import { setTimeout as sleep } from 'node:timers/promises';
import { Deliveries, numbers, text, textOf, unique, until } from '@millrace/binder-test-suite';
import { type OwnKafka, startKafka } from '@millrace/brokers';
import { MillraceError, settlements } from '@millrace/core/spi';
import { BackDoor } from './back-door';
import { Rig } from './rig';
import { itOnOwnKafka as it } from './with-kafka';

let kafka: OwnKafka;
let rig: Rig;

beforeAll(async () => {
  kafka = await startKafka({ proxied: true });
}, 120_000);
afterAll(() => kafka?.stop());
beforeEach(() => {
  rig = new Rig({ brokers: kafka.brokers, metadataMaxAge: '1s', requestTimeout: '3s' });
});
afterEach(() => rig.close());

/** Sends again until the broker has it, as an application would. */
async function insist(send: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      expect(MillraceError.is(error, 'SEND_FAILED')).toBe(true);
      await sleep(100);
    }
  }
}

describe('I1 no broker at the start', () => {
  it('fails with the address in the message, at once with startTimeout 0', async () => {
    const lonely = new Rig({ brokers: ['127.0.0.1:1'], startTimeout: 0, retry: { retries: 1 } });
    const startedAt = Date.now();
    await expect(lonely.producer('orders')).rejects.toThrow(
      /127\.0\.0\.1:1.*no broker answers there; check 'brokers'/s,
    );
    await expect(lonely.consumer('orders')).rejects.toMatchObject({ code: 'BINDER_FAILED' });
    expect(Date.now() - startedAt).toBeLessThan(8_000);
    await lonely.close();
  }, 30_000);

  it('waits for one that comes within startTimeout', async () => {
    await kafka.proxy.cut();
    const binding = rig.producer(unique('orders'));
    await sleep(1_500);
    await kafka.proxy.restore();
    await (await binding).send(text('late'));
  }, 30_000);
});

describe('I3, I4, I5, C9 the broker is killed and comes back', () => {
  it('every confirmed message arrives, in order of each key; a handler that ran meanwhile may run again', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 4 });
    const inbox = new Deliveries();
    await rig.consumer(topic, { deliver: inbox.deliver });
    const confirmed: string[] = [];
    const senders = numbers(20).map(async (sender) => {
      for (const each of numbers(100)) {
        const name = `${sender}:${each}`;
        await producer.send(text(name, { key: sender })).then(
          () => confirmed.push(name),
          () => undefined,
        );
        await sleep(20);
      }
    });
    await sleep(500);
    await kafka.kill();
    await sleep(500);
    await kafka.restart();
    const backAt = Date.now();
    await Promise.all(senders);
    await insist(() => producer.send(text('last', { key: 'last' })));
    await until(() => {
      const delivered = new Set(inbox.texts);
      return delivered.has('last') && confirmed.every((each) => delivered.has(each));
    }, 40_000);
    const deliveredAt = Date.now();
    expect(confirmed.length).toBeGreaterThan(500);
    // First deliveries of what was confirmed come in the order they were sent in.
    for (const sender of numbers(20)) {
      const order = [...new Set(inbox.texts)]
        .filter((each) => each.startsWith(`${sender}:`))
        .map((each) => Number(each.split(':')[1]));
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    await until(() => rig.trouble === undefined, 20_000);
    process.stdout.write(
      `confirmed ${confirmed.length}, delivered ${inbox.records.length}, all ${deliveredAt - backAt} ms after the restart, well ${Date.now() - backAt} ms\n`,
    );
  }, 120_000);
});

describe('I6, I8 cut and stalled connections', () => {
  it('resumes by itself after a cut of some seconds, health down meanwhile', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic);
    const inbox = new Deliveries();
    const consumer = await rig.consumer(topic, { deliver: inbox.deliver });
    await producer.send(text('before'));
    await inbox.until(1);
    await kafka.proxy.cut();
    const during = insist(() => producer.send(text('during')));
    await until(() => rig.trouble !== undefined, 20_000);
    // Pause and resume do not need the broker.
    await consumer.pause?.();
    await consumer.resume?.();
    await sleep(1_000);
    await kafka.proxy.restore();
    await during;
    await until(() => inbox.texts.includes('during'), 30_000);
    await until(() => rig.trouble === undefined, 20_000);
  }, 90_000);

  it('a half-open connection is noticed by the request timeout, and replaced', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic);
    const inbox = new Deliveries();
    await rig.consumer(topic, { deliver: inbox.deliver });
    await producer.send(text('before'));
    await inbox.until(1);
    kafka.proxy.stall();
    const during = insist(() => producer.send(text('during')));
    await sleep(4_000);
    kafka.proxy.resume();
    await during;
    await until(() => inbox.texts.includes('during'), 40_000);
  }, 90_000);
});

describe('I12 a topic deleted under a live consumer', () => {
  it('is made anew; what is sent then arrives', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, { partitionCount: 2 });
    const inbox = new Deliveries();
    await rig.consumer(topic, { deliver: inbox.deliver });
    await producer.send(text('before', { partition: 0 }));
    await inbox.until(1);
    const backDoor = new BackDoor(kafka.brokers);
    await (await backDoor.admin()).deleteTopics({ topics: [topic] });
    await backDoor.close();
    await sleep(1_000);
    await insist(() => producer.send(text('after', { partition: 0 })));
    await until(() => inbox.texts.includes('after'), 40_000);
  }, 90_000);
});

describe('B2, I15 what the broker refuses', () => {
  it('a record over the limit rejects clearly, alone; its batch mates arrive', async () => {
    const topic = unique('orders');
    const producer = await rig.producer(topic, {
      partitionCount: 1,
      native: { topic: { 'max.message.bytes': '20000' } },
    });
    const outcomes = await Promise.allSettled([
      producer.send(text('a')),
      producer.send(text('x'.repeat(30_000))),
      producer.send(text('y'.repeat(19_990))),
      producer.send(text('z'.repeat(19_500))),
      producer.send(text('b')),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
        expect(outcome.reason.message).toContain(topic);
        expect(outcome.reason.message).toContain('max.message.bytes');
      }
    expect(rig.troubles).toEqual([]);
  });

  it('what the broker does not take rejects with its reason; the next is taken', async () => {
    const producer = await rig.producer(unique('orders'), {
      native: { topic: { 'message.timestamp.after.max.ms': '1000' } },
    });
    const future = new Date(Date.now() + 86_400_000);
    await expect(producer.send(text('lost', { timestamp: future }))).rejects.toMatchObject({ code: 'SEND_FAILED' });
    expect(rig.trouble?.message).toMatch(/INVALID_TIMESTAMP/);
    await producer.send(text('now'));
    expect(rig.trouble).toBeUndefined();
  });
});

describe('J9 topics and provisioning', () => {
  it('names what is missing, too few, or illegal', async () => {
    const topic = unique('orders');
    const strict = new Rig({ brokers: kafka.brokers, provision: 'verify' });
    await expect(strict.producer(topic)).rejects.toThrow(/topic .* does not exist, and 'provision: verify' makes none/);
    const unmade = new Rig({ brokers: kafka.brokers, provision: 'none' });
    await expect(unmade.consumer(topic)).rejects.toThrow(/does not exist.*'provision: none'/);
    await rig.producer(topic, { partitionCount: 2 });
    await expect(strict.producer(topic, { partitionCount: 3 })).rejects.toThrow(/has 2 partitions, and 3 are wanted/);
    await expect(rig.producer('no blanks')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    const growing = new Rig({ brokers: kafka.brokers, growPartitions: true });
    const producer = await growing.producer(topic, { partitionCount: 3 });
    await producer.send(text('third', { partition: 2 }));
    await Promise.all([strict, unmade, growing].map((each) => each.close()));
  }, 40_000);
});

it('a delivery that breaks the contract gives its record back; the consumer lives', async () => {
  const topic = unique('orders');
  const producer = await rig.producer(topic);
  let calls = 0;
  const inbox = new Deliveries(() => {
    calls += 1;
    if (calls < 3) throw new TypeError('not a function');
    return settlements.ack;
  });
  await rig.consumer(topic, { deliver: inbox.deliver });
  await producer.send(text('one'));
  await inbox.until(3);
  expect(inbox.records.map(textOf)).toEqual(['one', 'one', 'one']);
  await until(() => rig.trouble === undefined);
});

it('I14 a closed producer refuses; close() returns although the broker is away', async () => {
  const topic = unique('orders');
  const producer = await rig.producer(topic);
  const consumer = await rig.consumer(topic);
  await kafka.proxy.cut();
  const startedAt = Date.now();
  await Promise.all([producer.close(), consumer.close()]);
  expect(Date.now() - startedAt).toBeLessThan(9_000);
  await kafka.proxy.restore();
  await expect(producer.send(text('late'))).rejects.toMatchObject({ code: 'APPLICATION_STOPPED' });
}, 30_000);
